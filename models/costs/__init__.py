"""The ledger: every call and event that X bills, with its price, channel and kind, in whole micro-dollars.

How others use it (models/costs/ledger.py, engine/x/prices.py):

    prices.of(Billed.POST, now)                       what one costs now
    ledger.charge(channel.id, Billed.POST, now)       in the transaction of what X was told: each time
    ledger.read(seen, now)                            of what X showed or brought: once a UTC day each, app-wide; what
                                                      comes back is what X bills of it now, so it may be called twice
    ledger.spent(since, until, channel_id)            micro-dollars; of all channels and the service without the last
    ledger.by_kind(since, until, channel_id)          {Billed: Spent(count, cost)}
    ledger.by_channel(since, until)                   {channel id: Spent}; `ledger.SERVICE` is what is of no channel
    ledger.by_time(since, until, step, channel_id)    [(instant, Billed, cost)] for a picture, step by step

`until` is not in it: up to now is up to `now + ledger.SLOT`. Sums are exact to the quarter of an hour of `since` and
`until` (which is where every zone's midnight lies) for `ledger.KEPT`, and to the UTC day before that.
"""
