"""What is imported and exported: folders, manifests, buckets and articles → items; collections → Parquet.

It reads lists and fetches bytes, safely; what pictures show and who may be enrolled is not its business.
"""
