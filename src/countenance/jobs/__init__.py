"""Long work that outlives requests and processes: a durable queue, its items, and the workers that do it.

What a kind of job does is in `operations`; here is how any is queued, claimed, resumed, retried and ended.
"""
