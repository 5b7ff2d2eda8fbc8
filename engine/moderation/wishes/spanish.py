"""How it is said in Spanish (see `words.py`)."""

from engine.moderation.wishes.words import Words, any_of, each, listed

_ARA = "ara aras aran arais"  # que no me repostearan
_AR, _ER = "e es en eis", "a as an ais"  # no me cites, cite, citen, citéis; no me difundas, difunda …
_REPOSTEAR = (
    "repostear repostar repostiar rrepostear republicar retuitear retuitiar retwittear retwitear retweetear"
    " retweettear"
    " retweetar retuitar rtear"
)
_COMPARTIR = (
    "publicar compartir difundir reenviar replicar reproducir citar copiar postear mencionar etiquetar arrobar"
    " nombrar"
    " usar utilizar mostrar exponer repetir promocionar subir divulgar"
)
_MOLESTAR = "molestar escribir contactar contestar responder spamear fastidiar"

_SPANISH_NAMES = {
    "reposteen": each(
        _AR,
        "reposte repost reposti repostie rreposte republiqu retuite retuit retuiti retuitie retwitte retwitt retwite"
        " retweete retweet retweette rte",
    )
    + "|"
    + each(_ARA, "repost reposte retuit retuite retwitte retweete republic"),
    "compartan": "|".join(
        (
            each(_AR, "publiqu cit copi poste mencion etiquet arrob nombr us muestr promocion repliqu reenvi divulgu"),
            each(_AR, "utilic"),
            each(_ER, "compart difund expong reproduzc"),
            each(_ARA, "public cit copi mencion etiquet us reenvi divulg utiliz"),
            each("iera ieras ieran ierais", "compart difund"),
        )
    ),
    "molesten": "|".join((each(_AR, "molest contact contest spame fastidi"), each(_ER, "escrib respond"))),
    "repostear": any_of(_REPOSTEAR),
    "difundir": any_of(f"{_REPOSTEAR} {_COMPARTIR}"),
    "molestar": any_of(_MOLESTAR),
    "repostearme": each("me nos", f"{_REPOSTEAR} {_COMPARTIR}"),
    "molestarme": each("me nos", _MOLESTAR),
    "reposteandome": each(
        "me nos",
        "reposteando retuiteando retwitteando retweeteando republicando publicando compartiendo difundiendo citando"
        " copiando mencionando etiquetando molestando escribiendo",
    ),
    "reposteando": any_of(
        "reposteando retuiteando retwitteando retweeteando republicando publicando compartiendo difundiendo citando"
        " copiando mencionando etiquetando molestando escribiendo"
    ),
    "reposteado": each(
        "o a os as",
        "reposted retuitead retwittead retweetead republicad publicad compartid mencionad citad difundid etiquetad"
        " repostead",
    ),
    "rt": any_of(
        "rt rts repost reposts retuit retuits retweet retweets retwit retwits retwitt reposteo reposteos retuiteo"
        " retuiteos republicaciones"
    ),
    "posts": any_of(
        "tuit tuits tuiter tweet tweets twit twits twitts post posts posteos publicacion publicaciones mensaje"
        " mensajes"
        " cosas foto fotos video videos contenido contenidos texto textos comentario comentarios mencion menciones"
        " reporte reportes nombre usuario perfil dm dms md mds imagenes trino trinos palabras cuenta"
    )
    + "|(mensajes|dm|dms) privados",
    "mios": "mis <posts>|mi <posts>|mas mis <posts>|nada mio|nada mas mio|mas nada mio|nada de lo mio|lo mio|mas lo"
    " mio"
    "|[nada de|mas] lo que (<escribo>)|lo que (les|te|le) (<escribo>)|ninguno de mis <posts>|ninguna de mis "
    "<posts>|ningun <posts> mio",
    "escribo": any_of("escribo publico posteo digo pongo tuiteo subo comento comparto mando envio"),
    "me": "m|me|nos|me lo|me los|me la|me las",
    "mas": "por (ustedes|usted|su cuenta|este canal|su canal)|jamas de los jamases|en (la|su|tu) vida|sin [mi|"
    "nuestro] (permiso|consentimiento|autorizacion)|sin (preguntar|preguntarme|avisar|avisarme)|mas|"
    "ya|ya mas|nunca|nunca mas|jamas|otra vez|de nuevo|por aqui|aqui|ahi|ni una vez mas|mas nunca|mas"
    " jamas"
    "|[mas] (en|por) (su|tu|este|esta|la|el) (<lista>)",
    "otra_vez": "otra vez|de nuevo|ya|nuevamente|cuando quieran|si quieren|si quieres|sin problema|tranquilos",
    "lista": any_of("lista listas canal cuenta bot servicio sistema base pagina perfil registro registros muro feed")
    + "|base de datos",
    "paren": any_of("dejen deja deje dejad dejes dejar paren para pare parad parar basta cesen cesa cese ceses"),
    "eviten": "eviten|evita|evite|evitad|evitar|evitense|abstenganse de|abstente de|abstengase de|abstenerse de|favor"
    " abstenerse de",
    "de": "de|de una vez de|de una buena vez de|ya de|de seguir con",
    "quiero": "quiero|quisiera|deseo|prefiero|preferiria|agradeceria|les agradeceria|te agradeceria|les agradezco|"
    "te agradezco|se agradece|se les agradece|solicito|les solicito|exijo|les exijo|te exijo|pido|les pido|te pido|"
    "le pido|os pido|ruego|les ruego|te ruego|espero|necesito|me gustaria|agradezco|apreciaria|(tengan|tenga|"
    "ten) la (amabilidad|bondad|gentileza) de|les pediria|te pediria|les voy a pedir|"
    "te voy a pedir|hagan el favor de|haganme el favor de|hazme el favor de|haz el favor de",
    "no_quiero": "no quiero|no quisiera|no deseo|no necesito|no me gusta|no me agrada|no me interesa|no acepto|"
    "no permito|no autorizo|no les autorizo|no te autorizo|no consiento|me molesta|me incomoda|me fastidia|no "
    "estoy interesado en|no estoy interesada en|odio|detesto|no estoy de acuerdo"
    " con|"
    "no estoy de acuerdo en|no me parece",
    "permiso": "no doy [mi] (permiso|consentimiento|autorizacion)|no (les|te) doy [mi] (permiso|consentimiento|"
    "autorizacion)|no (tienen|tienes|tiene) [mi] (permiso|consentimiento|autorizacion|derecho)|sin mi (permiso|"
    "consentimiento|autorizacion) no|prohibido|prohibo|les prohibo|te prohibo|queda prohibido|esta prohibido",
    "pueden": "pueden|puedes|puede|podeis|como puedo|como podria|podrian|podrias|podria|podriais|serian tan "
    "amables de|serias tan amable de|"
    "me harian el favor de|me haces el favor de|me hacen el favor de|es posible|seria posible|se puede|hay manera de|"
    "hay forma de|como hago para que|como hago para|que hago para|que tengo que hacer para",
    "dejar": "dejar|dejen|deje|dejes",
    "dejen": "dejen|dejes|deje|dejeis|dejara|dejaras|dejaran|paren|pares|pare|pararan|cesen|ceses|cese",
    "vuelvan": "vuelvan|vuelvas|vuelva|volvais",
    "sigan": "sigan|sigas|siga|sigais|continuen|continues|continue|anden|andes|ande|andeis|esten|estes|este|esteis",
    "den": "den|des|de|deis|hagan|hagas|haga|hagais|pongan|pongas",
    "saquen": each(_AR, "saqu quit borr elimin retir remuev") + "|" + each(_ER, "excluy"),
    "saquenme": any_of(
        "saquenme sacame saqueme sacadme sacarme quitenme quitame quiteme quitadme quitarme borrenme borrame borreme"
        " borradme borrarme eliminenme eliminame elimineme eliminarme excluyanme excluyeme excluyame excluirme"
        " retirenme"
        " retirame retireme retirarme remuevanme remueveme"
    ),
    "de_la_lista": "de (la|su|tu|esta|este|el|sus|tus) (<lista>|publicaciones|reposts|mensajes)|del (<lista>)",
}

SPANISH = Words(
    names=_SPANISH_NAMES,
    out=(
        "stop|stop ya|stop stop|stop rt|stop (<rt>)",
        # no me reposteen más
        "[ya] no (<me>) (<reposteen>) [<mas>] [<mas>]",
        "[ya] no (<me>) (<compartan>|<molesten>) [<mas>] [<mas>]",
        "(nunca|nunca mas|jamas|no mas|ya nunca|mas nunca) (<me>) (<reposteen>|<compartan>|<molesten>) [<mas>]",
        "a mi no (<me>) (<reposteen>|<compartan>|<molesten>) [<mas>]",
        "no (<reposteen>) [<mas>]|no me (<rt>)",
        "no me (<reposteen>|<compartan>) ni [me] (<reposteen>|<compartan>|<molesten>) [<mas>]",
        "no (<reposteen>|<compartan>) ni (<reposteen>|<compartan>) (<mios>) [<mas>]",
        "[ya] no [me] (<vuelvan>) a (hacerme|darme|hacer|dar) [mas] (<rt>) [<mas>]",
        "[ya] (<no_quiero>) que (su|este|el|tu|ese) (<lista>) me (<reposteen>|<compartan>) [<mas>]",
        "[yo] no [les|te] (di|he dado|doy) [mi] permiso (para|de) (<repostearme>|que me <reposteen>|<difundir> <mios>)",
        "[yo] no (autorice|pedi|quise|acepte) [a] (que me <reposteen>|que me repostearan|que me retuitearan|que me"
        " compartieran|ser <reposteado>)",
        "quien (les|te) dio permiso (para|de) (<repostearme>|<difundir> <mios>)",
        "(bajenme|bajame|me bajan|me sacan|me quitan|me borran) (<de_la_lista>)|como me salgo (<de_la_lista>)",
        "(quiero|quisiera|deseo) (desuscribirme|cancelar [la|mi] suscripcion)|desuscripcion",
        "(borren|borra|quiten|quita|eliminen|elimina|bajen|baja) [ya] (mis|mi|todos mis|todas mis) (<posts>) [<mas>]",
        "(dejen|deja|deje|dejad) de hacerlo",
        "que no (<me>) (<reposteen>|<compartan>|<molesten>) [<mas>]",
        "[ya] no (<me>) (<reposteen>|<compartan>) [mas] (los|las|mis|ningun|ninguno de mis) (<posts>) [<mas>]",
        "[favor] [de] no (<repostear>) [<mas>]|[favor] [de] no (<difundir>) (<mios>) [<mas>]",
        "favor de no (<repostearme>|<molestarme>) [<mas>]|(favor|les pido|te pido) (<dejar>) de (<repostearme>)",
        "no (hace falta|es necesario) que me (<reposteen>|<compartan>)|ni se les ocurra (<repostearme>)",
        "no me (incluyan|incluyas|incluya|tomen en cuenta|tengan en cuenta) [mas]|ya no participo|no quiero participar",
        "[ya] (dejenme|dejame|dejeme|parenme) de (<difundir>|<molestar>) [<mas>]|[ya] dejen mis (<posts>) [en paz]",
        "[ya] me (dejan|dejas|deja) de (<difundir>|<molestar>) [<mas>]|quiero (salir|salirme) (<de_la_lista>)",
        "[ya] no (<reposteen>|<compartan>) [mas] (<mios>) [<mas>]",
        "[ya] no me [lo|los] (<vuelvan>) a (<difundir>|<molestar>) [<mas>]",
        "[ya] no (<vuelvan>) a (<repostearme>|<molestarme>) [<mas>]",
        "(nunca mas|jamas) [me] (<vuelvan>) a (<repostearme>|<difundir>)",
        "[ya] no (<vuelvan>) a (<difundir>) (<mios>) [<mas>]",
        "[ya] no me (<sigan>) (<reposteando>) [<mas>|<mios>]|[ya] no (<sigan>) (<reposteandome>)",
        "[ya] no (<sigan>) (<reposteando>) (<mios>)",
        "[ya] no me (<den>) [mas] (<rt>) [<mas>]",
        "[ya] no [le|les] (<den>) [mas] (<rt>) (a (<mios>)|de (<mios>)|a mi cuenta)",
        "[ya] (no|no mas|no quiero|no quiero mas|no deseo|basta de|no acepto) [mas] (<rt>) [mios|de (<mios>)|aqui|"
        "conmigo]",
        "[ya] no me (manden|mandes|envien|envies|escriban|escribas) [mas] (mensajes|nada|dm|dms|notificaciones|avisos)",
        "no me (incluyan|incluyas|incluya|agreguen|agregues|pongan|pongas|metan|metas|saquen|saques) [mas] en (su|"
        "tu|este"
        "|esta|la|el) (<lista>)",
        "(<mios>) no (lo|los|la|las) (<reposteen>|<compartan>) [<mas>]|no se metan con (<mios>)",
        "(<saquen>) [ya] (mi <posts>|mis <posts>|lo mio|todo lo mio) [<de_la_lista>]|(borren|borra|quiten|"
        "quita) lo mio",
        "(<quiero>) que (<saquen>) (<mios>|todos mis <posts>) [<de_la_lista>]",
        "(borren|borra|quiten|quita|eliminen|elimina|deshagan) (el|ese|este|los|esos|sus) (<rt>) [<mas>]",
        "(<no_quiero>) que (<mios>) [se] (aparezcan|aparezca|salgan|salga|figuren|figure|vean|vea|<reposteen>|"
        "<compartan>|sea <reposteado>|sean <reposteado>) [<mas>]",
        "(<no_quiero>) que se (<reposteen>|<compartan>|vean|vea) (<mios>) [<mas>]",
        "[ya] (<no_quiero>) (aparecer|figurar) [mas] [aqui|ahi]|[ya] (<no_quiero>) (salir|estar) mas (aqui|ahi|"
        "en esto)|"
        "[ya] (<no_quiero>) estar en esto",
        "no (cuenten|cuentes) mas conmigo|(olvidense|olvidate|olvidese) de mi|olvidenme",
        "(retiro|revoco|anulo|quito) (mi|el|todo) (permiso|consentimiento|autorizacion) [para|de] "
        "[<repostearme>|que me"
        " <reposteen>]",
        "[yo] (no|nunca) (les|te) (doy|di|he dado) [mi] (permiso|consentimiento|autorizacion)",
        "[yo] no doy mi (permiso|consentimiento|autorizacion)",
        "[yo] nunca [les|te] (autorice|pedi|di permiso|di mi permiso) [para|a] que me (<reposteen>|<compartan>)",
        "no (los|las|lo|la|les|te|le) autorizo (a|para) (<repostearme>|<difundir> <mios>|que me <reposteen>)",
        "(<no_quiero>|<permiso>) (la|el) (difusion|publicacion|uso|reproduccion|divulgacion|<rt>) de (<mios>)",
        "(no|nada de|cero|ni un|ni uno) [mas] (<rt>) (a|de) (<mios>)|(cero|ni un) (<rt>) mas",
        "(<quiero>) (mi exclusion|ser (excluido|excluida|removido|removida|eliminado|eliminada|retirado|retirada))"
        " [<de_la_lista>]",
        "[ya] no me (<den>) [mas] (difusion|promocion|publicidad)|no (pongan|pongas|ponga) [mas] (<mios>)",
        "(deja|dejen|deje|dejad) de seguirme [y de (<repostearme>)]|no me (sigan|sigas|siga) ni me"
        " (<reposteen>|<compartan>)",
        "[ya] (basta de|no mas|paren con los|paren los) (<rt>|mensajes|menciones|dms|spam|notificaciones)|stop spam",
        "[ya] (parenle|parale|parele) (con los <rt>|a los <rt>|a <repostearme>|con <repostearme>)",
        "[que sea la] ultima vez que me (repostean|retuitean|republican|reposteas|retuiteas)",
        "(cancelenme|cancelame|cancelen|cancela) (la|mi) suscripcion",
        # dejen de repostearme
        "[ya] (<paren>) (<de>) (<repostearme>|<molestarme>) [<mas>]",
        "[ya] (<paren>) (<de>) (<difundir>) (<mios>) [<mas>]",
        "[ya] (<paren>) (<de>) (darme|hacerme) (<rt>)|[ya] (<paren>) (<de>) (dar|hacer) (<rt>) a (<mios>)",
        "[ya] (<paren>) (<de>) (estar|seguir|andar) (<reposteandome>)|[ya] (<paren>) ya (<de>) (<repostearme>)",
        "(<eviten>) (<repostearme>|<molestarme>) [<mas>]|(<eviten>) (<difundir>) (<mios>) [<mas>]",
        "[ya] (<paren>) de (<repostear>) [ya]|[ya] (dejen|deja|paren|para|basta) (con|de) [los|el|tanto|tantos]"
        " (<rt>|spam)",
        "[ya] (paren|dejen|basta de) (<rt>)",
        "[ya] (dejenme|dejame|dejeme|dejadme|dejenos|dejennos) (en paz|tranquilo|tranquila|tranquilos|tranquilas|"
        "fuera|"
        "fuera de esto|por fuera) [ya]",
        "[ya] me (dejan|dejas|deja) (en paz|tranquilo|tranquila)",
        # quiero que no …
        "(<quiero>) [que] [ya] no me (<reposteen>|<compartan>|<molesten>|<vuelvan> a <difundir>|<sigan>"
        " <reposteando>|"
        "<den> <rt>) [<mas>]",
        "(<quiero>) [que] [ya] no (<reposteen>|<compartan>) [mas] (<mios>) [<mas>]",
        "(<quiero>) [que] [ya] no (<vuelvan>) a (<repostearme>|<difundir> <mios>) [<mas>]",
        "(<quiero>) no ser (<reposteado>) [<mas>]|(<quiero>) no (aparecer|salir|estar) [mas] en (su|tu|este|esta|el)"
        " (<lista>)",
        "(<quiero>) [que] (<dejen>|dejar) de (<repostearme>|<molestarme>|<difundir> <mios>) [<mas>]",
        "(<quiero>) que me (<dejen>) (en paz|tranquilo|tranquila|de <difundir>|de <molestar>) [ya]",
        "(<quiero>) [que] me (<saquen>) (<de_la_lista>)|(<quiero>) [que] me (den|des|de) de baja [<de_la_lista>]",
        "(<quiero>) (no <repostearme>|no <molestarme>|<saquenme> <de_la_lista>) [<mas>]",
        "[ya] (<no_quiero>) que me (<reposteen>|<compartan>|<molesten>|<vuelvan> a <difundir>|<sigan> <reposteando>|"
        "<den>"
        " <rt>) [<mas>]",
        "[ya] (<no_quiero>) que (<reposteen>|<compartan>|<sigan> <reposteando>) [mas] (<mios>) [<mas>]",
        "[ya] (<no_quiero>) que (<sigan>) (<reposteandome>)",
        "[ya] (<no_quiero>) (ser|seguir siendo|ser mas|ver|verme) (<reposteado>) [<mas>]",
        "[ya] (<no_quiero>) (aparecer|salir|estar|figurar|participar|seguir [apareciendo|saliendo]) [mas] en (su|tu|"
        "este|"
        "esta|la|el) (<lista>) [<mas>]",
        "[ya] no (quiero|quisiera|deseo) [recibir] (mas|sus|tus|estos) (<rt>|mensajes|publicaciones|menciones|"
        "respuestas|"
        "notificaciones|avisos)",
        "(<permiso>) (para|de|a|para que|a que|de que|que) me (<reposteen>|<compartan>) [<mas>]",
        "(<permiso>) [para|de|a] (<repostearme>|<difundir> <mios>) [<mas>]",
        "(<permiso>) [para que|a que|de que|que] (<reposteen>|<compartan>) (<mios>)",
        "(<permiso>) (<repostearme>)|(<no_quiero>) (<repostearme>)",
        "(<pueden>) (no|dejar de|parar de|evitar|no volver a|ya no) (<repostearme>|<molestarme>|<difundir> <mios>)"
        " [<mas>]",
        "me (<pueden>) (dejar de|no volver a|ya no) (<difundir>|<molestar>) [<mas>]",
        "[me] (<pueden>) (<saquenme>|sacar|quitar|borrar|eliminar|excluir) (<de_la_lista>)",
        "[me] (<pueden>) (darme de baja|dar de baja) [<de_la_lista>]",
        "(<pueden>) (dejen de <repostearme>|no me <reposteen>|dejen de <molestarme>)",
        "[no|nada de] (<repostearme>) no|(no|nada de) (<repostearme>) [<mas>]",
        # sáquenme de la lista
        "(<saquenme>) [ya] (<de_la_lista>)|(borrenme|borrame|eliminenme|eliminame|excluyanme|excluyeme) [ya]",
        "(desuscribanme|desuscribeme|desuscribir|desuscribirme|desuscribirse|anular suscripcion|cancelar [la|mi]"
        " suscripcion|cancelen mi suscripcion|cancela mi suscripcion) [<de_la_lista>]",
        "(denme|dame|deme|dadme|darme|quiero darme|deseo darme|quisiera darme|como me doy|me doy|me quiero dar|dar|"
        "me dan|me das|me pueden dar|me puedes dar) de baja [<de_la_lista>|de esto]",
        "no (suban|subas|suba) [mas] (<mios>) [<mas>]",
        "(solicito|pido|quiero|solicito dar) [la|mi|una] baja [<de_la_lista>]",
    ),
    alone=listed(
        "(para|paren|pare) bot, cancela, cancelen, darse de baja, parenle, ya parenle, parale, ya parale, basta,"
        " basta ya, ya basta, para, para ya, ya para, paren, paren"
        " ya, ya paren, pare, pare ya, parad, parad"
        " ya,"
        " parar, alto, alto ya, baja, de baja, cancelar, detener, detenganse, detente, detengase, no mas, ya no mas,"
        " [paren|para|basta] (con|de) (esto|eso) [ya], paren esto, (dejen|deja|deje) de hacer (eso|esto),"
        "  no lo (hagan|hagas|haga) mas, no (molesten|molestes|moleste) [mas],"
        " (dejen|deja|deje|paren) de molestar, [ya] no quiero mas [esto|eso|nada], salir, remover, eliminar"
    ),
    private=listed("fin, salirme, quiero salir, no me interesa, ya no quiero"),
    back=(
        "start|unstop|alta|dar de alta|(quiero|quisiera) darme de alta|(denme|dame|darme) de alta|suscribir|"
        "suscribirme",
        "[si|ya|ahora si|ahora] [me] (pueden|puedes|puede|podeis) [volver a|seguir] (<difundir>|<repostearme>|"
        "<reposteando>|"
        "<reposteandome>) [<otra_vez>]",
        "[si|ya|ahora si|ahora] (pueden|puedes|puede|podeis) [volver a] (<difundir>) (<mios>) [<otra_vez>]",
        "[si|ya] (reposteenme|repostenme|reposteame|repostame|reposteadme|retuiteenme|retuiteame|retuitenme|"
        "retweeteenme|"
        "republiquenme|republicame|compartanme|comparteme|publiquenme|publicame|difundanme) [<otra_vez>]",
        "(vuelvan|vuelve|vuelva|volved) a (<repostearme>)|(vuelvanme|vuelveme) a (<difundir>)",
        "[si|ya|ahora si] (quiero|quisiera|acepto|autorizo|deseo|les autorizo|te autorizo|doy permiso|les doy"
        " permiso|"
        "pido|les pido) [a|que|para|para que|a que] me (<reposteen>|<compartan>|vuelvan a <difundir>|vuelvas a"
        " <difundir>)"
        " [<otra_vez>]",
        "[si] (quiero|quisiera|acepto|deseo) (ser <reposteado>|volver|volver a (salir|aparecer|estar|participar))"
        " [en (su|"
        "este|tu|el) canal] [<otra_vez>]",
        "(autorizo|acepto|les autorizo|te autorizo|doy permiso para|les doy permiso para|pueden volver a|tienen"
        " permiso"
        " para) (<repostearme>)",
        "[ya] no me importa que me (<reposteen>|<compartan>)|cambie de (idea|opinion)",
    ),
    please=listed(
        "por favor, porfavor, por fa, porfa, porfas, porfis, porfita, xfa, xfas, xfavor, x favor, x fa, plis,"
        " pliss, plix"
    ),
    thanks=listed("gracias, muchas gracias, mil gracias, muchisimas gracias, grax, ya, hola, buenas, si, ok"),
    courtesies=listed(
        """y, yo, respeten, por que me repostean, porque me repostean, xq me repostean
        o los (reporto|denuncio|bloqueo), o te (reporto|denuncio|bloqueo), pero, buen dia, buenos dias
        buenas tardes, buenas noches, buena tarde, buena noche, feliz dia, muy buenas
        de antemano, saludos, un saludo, saludos cordiales, cordial saludo, hola a todos, hola que tal, que tal
        bendiciones
        disculpen, disculpa, disculpe, perdon, perdona, perdone, perdonen, con permiso, oigan, oye, oiga, oid, mira
        miren
        mire, señores, señor, señora, señorita, amigo, amigos, amiga, amigas, gente, chicos, chicas, chico, muchachos
        hermano, bro, pana, panas, che, compa, compadre, jefe, querido, querida, estimados, estimado, estimada
        queridos
        en serio, de verdad, enserio, de veras, en buena onda, de buena manera, respetuosamente, con todo respeto
        con respeto, con el debido respeto, con todo el respeto, con todo mi respeto, sin ofender
        sin animo de ofender
        muy amable, muy amables, si son tan amables, si eres tan amable, si es tan amable, si es posible
        si fuera posible
        si no es molestia, se los pido, se lo pido, te lo pido, os lo pido, se los ruego, se lo ruego, te lo ruego
        les ruego, te ruego, se agradece, se les agradece, les agradezco, te agradezco, lo agradezco, se lo agradezco
        se los agradezco, te lo agradezco, lo agradeceria, les agradeceria, te agradeceria, se lo agradeceria
        okey, bueno, vale, listo, dale, eh, ey, epa, hey, ay, uf, uff, canal, este canal, cuenta, bot, admin, equipo
        de una vez, de una buena vez, de una vez por todas, inmediatamente, de inmediato, ahora, ahora mismo
        cuanto antes
        ya mismo, urgente, otra vez, de nuevo, repito, insisto, les repito, te repito
        ya les dije
        ya te dije, ya lo dije, ya se los dije, ya se los pedi, les pido, te pido, le pido, pido, os pido
        por ultima vez
        que tengan buen dia, que tengas buen dia, entonces, pues, desde ahora, desde hoy, a partir de ahora
        a partir de hoy, de ahora en adelante, en adelante, hasta nuevo aviso, jaja, jajaja, amablemente, cordialmente
        atentamente, att, dios mio, caray, carajo, coño, joder, hombre, mae, wey, guey, mejor, favor, les, no gracias
        es en serio, hablo en serio, es una orden, es un pedido, quedo agradecido, quedo agradecida, mas, a mi
        por dios
        (borren|borra|quiten|quita|eliminen) (eso|esto|ese <rt>), ya estuvo, ya estuvo bueno, bajense, spam
        no lo hagan mas, (lo hicieron|lo han hecho) sin permiso
        [es una|esta es una|mi] cuenta [es] (personal|privada)"""
    ),
    short={
        "q": "que",
        "k": "que",
        "ke": "que",
        "qe": "que",
        "d": "de",
        "kiero": "quiero",
        "xq": "porque",
        "aki": "aqui",
    },
)
