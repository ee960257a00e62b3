"""Who calls the measure stage: one machine by buckets, later a cluster by partitions."""
