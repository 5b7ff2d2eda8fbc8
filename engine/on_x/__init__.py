"""What a text is to X, by twitter-text's rules: its length, its links (bare domains too), its hashtags, and how X
hands it back. Length, price, filters, cutting and reading back all ask here, so that they never disagree.
"""

from engine.on_x.handed_back import is_same
from engine.on_x.hashtags import hashtags
from engine.on_x.links import has_link, links
from engine.on_x.sites import sites
from engine.on_x.weight import LIMIT, fits, weighted_length

__all__ = ["LIMIT", "fits", "has_link", "hashtags", "is_same", "links", "sites", "weighted_length"]
