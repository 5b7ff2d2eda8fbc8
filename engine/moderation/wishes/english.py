"""How it is said in English (see `words.py`)."""

from engine.moderation.wishes.words import Words, any_of, listed

_ENGLISH_NAMES = {
    "repost": any_of("repost reposts rt retweet retwet retweets republish reshare resharing rp retoot qrt"),
    "share": any_of(
        "share post publish quote copy tag mention use forward promote amplify feature include reuse steal broadcast"
        " repeat screenshot"
    ),
    "bother": any_of("message dm contact bother spam text reply notify write disturb harass annoy ping"),
    "reposting": any_of("reposting retweeting rting republishing resharing retweating"),
    "sharing": any_of(
        "sharing posting publishing quoting copying tagging mentioning using forwarding promoting amplifying"
        " featuring"
        " including reusing stealing broadcasting repeating"
    ),
    "bothering": any_of(
        "messaging dming contacting bothering spamming texting notifying disturbing harassing annoying pinging"
    ),
    "reposted": any_of(
        "reposted retweeted rted republished reshared shared posted published quoted copied tagged mentioned used"
        " featured included contacted messaged bothered"
    ),
    "rt": any_of("repost reposts retweet retweets rt rts reposting retweeting rting reshares"),
    "posts": any_of(
        "post posts tweet tweets stuff content message messages dm dms photo photos picture pictures pic pics video"
        " videos words reports report account handle name mentions mention comments comment things texts replies"
    ),
    "mine": "my <posts>|all [of] my <posts>|everything i (<write>)|any of my <posts>|anything of mine|anything i"
    " (<write>)|what i (<write>)|anything from me|"
    "stuff i (<write>)|mine|what i (<write>|tell) you|anything else of mine|me or my <posts>|anything mine|any "
    "of mine|content from me|the things i (<write>)",
    "write": any_of("write post say tweet share send"),
    "me": "me|us|me (here|on here|on this channel|on your (<list>)|to your followers|on this account)",
    "more": "publicly|in public|by (a|your|this|any) (<list>)|again|anymore|any more|any longer|ever|ever again|"
    "no more|from now on|in the future|at all|here|now|"
    "already"
    "|on here|on this channel|on your (<list>)|for ever|forever|again ever|without [my] (permission|consent|asking|"
    "approval)",
    "list": any_of("list lists channel account feed page bot timeline database service"),
    "not": "do not|dont|do not ever|dont ever|never|never ever|dont you|dont you ever|dont you dare|you must not|"
    "you may"
    " not|you should not|you shouldnt|you cannot|you cant|donot|dnt",
    "stop": "stop|quit|cease|stop with|cease and desist from|cease and desist|refrain from|avoid|no more|stop this|"
    "enough"
    " with the|enough with|desist from|dont keep|stop it with the|you need to stop|you have to stop|you must stop|"
    "you should stop",
    "i_want": "i want|i would like|id like|i wish|i need|i ask|i am asking|im asking|i request|i would prefer|id"
    " prefer|"
    "i prefer|i would appreciate it if|id appreciate it if|i would appreciate|asking|i demand|i insist",
    "i_dont": "i do not want|i dont want|i dont wanna|i do not wish|i dont wish|i dont like|i do not like|i never"
    " want|i"
    " would rather not|id rather not|i would prefer not|id prefer not|i prefer not|i didnt ask|i did not ask|i no"
    " longer"
    " want|i refuse|i hate|i would like not|id like not|i wish not|i never asked|i object to|i dont need",
    "no_consent": "i do not consent|i dont consent|i do not give [you] [my] (consent|permission)|i dont give [you]"
    " [my]"
    " (consent|permission)|you do not have [my] (consent|permission)|you dont have [my] (consent|permission)|you"
    " have no"
    " (consent|permission|right)|no permission|i do not agree|i dont agree|i do not authorize [you]|i dont"
    " authorize [you]",
    "can_you": "where can i|how to|can you|could you|would you|will you|can u|could u|would u|can we|you can|you"
    " could|may i ask you to|"
    "would you mind|do you mind|is it possible to|is there a way to|how do i|how can i|how do i make you|how do i"
    " get you"
    " to|where do i|i want you to|i need you to|i would like you to|id like you to|i am asking you to|im asking you"
    " to|i"
    " ask you to|asking you to|you need to|you have to|you must|you should|be so kind as to|be so kind and",
    "again": "again|now|anytime|any time|if you want|if you like|once more|from now on",
    "your_list": "[off|from|out of] (your|this|the|that|ur) (<list>)|from (here|this|reposts|future reposts|"
    "your reposts|your retweets)|of (this|it|that)",
}

ENGLISH = Words(
    names=_ENGLISH_NAMES,
    out=(
        "stop|stop it|stop this|stop that|stop now|stop already|stop all|stopall|just stop|please stop|stop stop|"
        "stop ok|"
        "i said stop",
        # don't repost me
        "(<not>) (<repost>) [<me>|<mine>] [<more>] [<more>]",
        "(<not>) (<share>|<bother>) (<me>|<mine>) [<more>] [<more>]",
        "(<not>) (<repost>|<share>) [or|and|nor] [<repost>|<share>|quote|mention|tag] (<me>|<mine>) [<more>]",
        "(<i_want>) [that] you (<not>|not) (<repost>|<share>|<bother>) (<me>|<mine>) [<more>]",
        "i (revoke|withdraw) my (consent|permission)|consent (withdrawn|revoked)|permission denied",
        "i (no longer wish|wish no longer) to be (<reposted>) [by you|here] [<more>]",
        "(keep|leave) (me|my <posts>) (out of|off|away from) (this|your <list>|this <list>)|exclude (my <posts>|my"
        " account)",
        "(stop|quit) (writing|replying|talking|responding|sending messages|sending) [to] me [<more>]",
        "(<not>) (reply|respond|write|talk) to me [<more>]|unfollow me|stop following me|stop this bot",
        "i (asked|told) you to stop [<reposting> <me>|<reposting> <mine>|<sharing> <me>|<sharing> <mine>]",
        "i never (agreed|consented) to (be|being) (<reposted>)|(you are|youre) not allowed to (<repost>|<share>)"
        " (<me>|<mine>)",
        "i (never gave|did not give|didnt give|havent given|have not given) [you] [my] (permission|consent) [to"
        " (<repost>|"
        "<share>) (<me>|<mine>)]",
        "who (gave|told) you [permission] [you could] [to] (<repost>|<share>) (<me>|<mine>)",
        "(remove|delete|take down|erase) (my <posts>|all my <posts>)",
        "no longer (<repost>|<share>|<bother>) (<me>|<mine>)",
        "[i am|im|i was] not [really] (ok|okay|comfortable|happy|cool|fine|good) [with|about] [you] (being "
        "<reposted>|"
        "<reposting> <me>|<reposting> <mine>|<sharing> <me>|<sharing> <mine>) [<more>]",
        "(<i_want>|id appreciate|i would appreciate) [you] not (being <reposted>|<reposting> <me>|<reposting> <mine>|"
        "<sharing> <me>|<sharing> <mine>) [<more>]",
        "i (revoke|withdraw) [my|all|any] (consent|permission)|permission (revoked|withdrawn)",
        "(<can_you>) (stop|keep) you from (<reposting>|<sharing>|<bothering>) (<me>|<mine>) [<more>]",
        "(<can_you>) (get|be) (removed|excluded|taken off|left out) [<your_list>]",
        "(<can_you>) (remove|exclude|unsubscribe) myself [<your_list>]",
        "get (me|us|my <posts>) (off|out of|removed from) (your|the|that|ur) (<list>)|get me off this (list|bot|page)",
        "take my <posts> down|(undo|remove|delete|take down) (the|that|this|your|those) (<rt>) [of me|of (<mine>)]",
        "cancel [my|the|this] subscription|leave my <posts> alone|leave me off [<your_list>]",
        "keep (me|my <posts>) (out of|off) your (<posts>|<rt>)",
        "(<i_dont>) (me|<mine>) (on|in) (your|this|the) (<list>)",
        "(<i_dont>) to be included [in this]",
        "(no|no more) (<reposting>|<sharing>|<bothering>) (<me>|<mine>) [<more>]|no more of my <posts>|no more"
        " (tagging|quoting|mentioning|messaging|messages|dms)",
        "(blacklist|blocklist) me|block me from (this|<rt>|your <list>)|(add|put) me (to|on) (your|the|a)"
        " (blocklist|blacklist|block list|black list|do not repost list|do not retweet list|do not share list)",
        "do not (repost|retweet|share) list",
        "who (said|says) you (could|can|may) (<repost>|<share>) (<me>|<mine>)",
        "[let me|let] not (<repost>|<share>) (<me>|<mine>)",
        "(<not>) (keep|continue) (<reposting>|<sharing>|<bothering>) (<me>|<mine>) [<more>]",
        "(<not>) (put|include|feature|show|have) (me|my <posts>) (on|in) (your|this|the) (<list>) [<more>]",
        # stop reposting me
        "(<stop>) [with|the|all the|your] (<reposting>|<rt>) [<me>|<mine>|of me|of mine|of (<mine>)] [<more>]",
        "(<stop>) (<sharing>|<bothering>) (<me>|<mine>) [<more>]",
        "(<stop>) (<reposting>|<sharing>|<bothering>) (and|or) (<reposting>|<sharing>|<bothering>) (<me>|<mine>)"
        " [<more>]",
        "stop (the|your|all|all the|with the) (reposts|retweets|rts|spam|notifications|mentions|messages)|stop"
        " spamming",
        "stop (to) (<repost>|<share>) (me|<mine>)",
        "(no|no more|not any more|enough) (<rt>) [of me|of mine|of (<mine>)|anymore|from me|for me|here] [<more>]",
        # I don't want to be reposted
        "(<i_dont>) [you|for you|u] (to|reposting me|that you) [ever|keep|be|being|get|have] (<repost>|<share>|"
        "<bother>|"
        "<reposting>|<sharing>|<bothering>) (<me>|<mine>) [<more>]",
        "(<i_dont>) (you|your|ur|u) (<reposting>|<sharing>|<bothering>) (<me>|<mine>) [<more>]",
        "(<i_dont>) [to] [be|being|get|getting|have been] (<reposted>) [by you|by this (<list>)|on here|here] [<more>]",
        "(<i_dont>) (<mine>|my <posts> to be|mine to be) (<reposted>) [by you|by this (<list>)|here] [<more>]",
        "(<i_dont>) to (be|appear|show up|end up) (on|in) (your|this|the) (<list>) [<more>]",
        "(<i_dont>) (<rt>|your <rt>|these <rt>|any <rt>|any more <rt>|your messages|more messages) [<more>]",
        "(<i_want>) (you|u) (to|would) (stop|quit) [<reposting> <me>|<reposting> <mine>|<sharing> <me>|<sharing>"
        " <mine>|"
        "<bothering> <me>]",
        "(<i_want>) (you|u) (to|would) (not|never) (<repost>|<share>|<bother>) (<me>|<mine>) [<more>]",
        "(<i_want>) (you) (didnt|did not|dont|do not|not|would not|wouldnt|stopped) (<repost>|<share>|<bother>|"
        "<reposting>|"
        "<sharing>|<bothering>) (<me>|<mine>) [<more>]",
        "(id|i would) rather you (didnt|did not|dont|do not|not|never|stopped) (<repost>|<share>|<bother>|"
        "<reposting>|"
        "<sharing>|<bothering>) (<me>|<mine>) [<more>]",
        "(<i_want>) [that] (<not>|no) (<repost>|<share>|<rt>) [<me>|<mine>]",
        "(<i_want>) (to be|to get|to) (left alone|removed|excluded|taken off|out|opt out|unsubscribe|unsubscribed|"
        "opted out)"
        " [<your_list>]",
        "(<i_want>) (not to|to not) (be|get|appear) (<reposted>) [by you|here] [<more>]",
        "i want out [<your_list>]",
        "(<no_consent>) [to|for|with] [you] [being|be] (<reposted>|<repost> <me>|<share> <me>|<repost> <mine>|"
        "<share> <mine>"
        "|<reposting> <me>|<sharing> <me>|<reposting> <mine>|<sharing> <mine>|being <reposted>) [<more>]",
        # can you stop
        "(<can_you>) (stop|quit|not|please not|never|refrain from|avoid|no longer) [keep] (<repost>|<share>|<bother>|"
        "<reposting>|<sharing>|<bothering>) (<me>|<mine>) [<more>]",
        "(<can_you>) (stop|quit) [it|this|now|already|the reposts|<reposting>]",
        "(<can_you>) (remove|exclude|delete|unsubscribe|opt) (me|my <posts>|my account) [out] [<your_list>]",
        "(<can_you>) (take|leave|get|keep) (me|my <posts>|my account) [out|off] (<your_list>)|(<can_you>) leave me"
        " alone",
        "(<can_you>) (opt out|unsubscribe|stop this|stop these|stop it|get off) [<your_list>]",
        # unsubscribe
        "unsubscribe|unsubscribe me|unsubscribe all|unsub|optout|opt out|opt me out|opt us out|opting out|i opt out|"
        "i am"
        " opting out|im opting out|i choose to opt out|i wish to opt out|(i want to|id like to|i would like to) opt"
        " out|opt"
        " out now|count me out|(unsubscribe|opt out|opt me out|count me out|opting out) (<your_list>)",
        "(remove|take|delete|drop|scratch|strike) (me|my <posts>|my account|us) [off|out] (<your_list>)|remove me|"
        "delete me",
        "unsubscribe me (<your_list>)|take me off|exclude me [<your_list>]|leave (me|us) (alone|be|out|out of (this|"
        "it)|in peace)|let me be",
    ),
    alone=listed(
        "cancel, quit, enough, enough already, thats enough, enough is enough, no more, no more of this, cease,"
        " desist,"
        " cease and desist, dont do (that|this|it) [again], remove, revoke, stop doing (that|this|it) [to me], stop"
        " pls,"
        " halt, end this, knock it off, cut it out, quit it"
    ),
    private=listed(
        "i (dont|do not) want this, can you not, could you not, i (did not|didnt|do not|dont|never) (consent|agree|"
        "agreed|consented) to (this|that), i (do not|dont|did not|didnt) authorize (this|that), end, go away, "
        "not interested, no thanks, no thank you, dont write, dont write me, wrong number"
    ),
    back=(
        "start|unstop|subscribe|opt in|opt me [back] in|resubscribe|optin|i opt in|i want to opt in|start again",
        "[yes|ok] (you|u) (can|may|could) [now] (<repost>|<share>) (<me>|<mine>) [<again>]",
        "[yes|ok] [its ok|it is ok|its fine|feel free|go ahead and] [to] (<repost>|<share>) (<me>|<mine>) [<again>]",
        "(start|resume|continue|keep) (<reposting>|<sharing>) (<me>|<mine>) [<again>]",
        "i (want|would like|dont mind|do not mind) (you to|to be|being|you) (<repost> <me>|<reposted>|<reposting>"
        " <me>)"
        " [<again>]",
        "(i changed my mind|count me in|put me back|put me back on|include me [<again>]|i am back in|im back in)",
        "(you have|i give you) [my] permission [to (<repost>|<share>) (<me>|<mine>)]",
    ),
    please=listed("please, pls, plz, plss, pleas, plese, pretty please, plox, kindly, just, really, simply, pleeease"),
    thanks=listed(
        "thanks, thank you, thank u, thx, ty, tysm, thankyou, many thanks, now, hi, hello, hey, ok, okay, already"
    ),
    courtesies=listed(
        """respect my privacy, unfollow, not interested, no longer interested, or ill (report|block) you
        or i will (report|block) you, or i (report|block) you, but, thanks in advance
        thank you in advance, thank you very much, thank you so much, thanks a lot
        thanks so much, cheers
        dear, good morning, good afternoon, good evening, good night, good day, hi there, hello there, hey there
        sorry
        excuse me, pardon, pardon me, im sorry, i am sorry, seriously, im serious, i am serious, honestly
        respectfully
        with all due respect, with respect, no offense, no offence, no hard feelings, guys, folks, sir, madam, maam
        bot
        dear bot, mr bot, mate, bro, dude, man, friend, friends, team, admin, hi everyone, hello everyone, hi all
        hello all, you guys, channel
        this channel, account, immediately, asap, right now, right away, at once, for good, forever, at all
        once and for all, from now on, ever, ever again, again, effective immediately, for the last time, i beg you
        im begging you, i am begging you, begging you, i mean it, i said, i told you, i asked you, i ask you, i repeat
        as i said, like i said, omg, ffs, wtf, jeez, god, for gods sake, for the love of god, hell, damn, ugh, lol
        well
        so, and, yo, listen, look, much appreciated, appreciated, appreciate it, id appreciate it
        i would appreciate it
        it would be appreciated, have a nice day, have a good day, have a great day, regards, best regards
        kind regards
        best, sincerely, respect, yes, no thanks, if you dont mind, if possible, if you could, today
        i am asking nicely
        im asking nicely, asking nicely, would you, will you, ok thanks, this is a request, my request, request, u
        (take that|take it|take this) down, delete (that|this|it), remove (that|this|it), thats enough
        [this is|its|it is] a (private|personal) account, my account is (private|personal)
        i (dont|do not) want this, i (did not|didnt|do not|dont) (consent|agree) to this"""
    ),
    short={"w": "with", "authorise": "authorize"},
)
