"""Where rejected records go if the user names a place: JSON lines in a folder, in S3 or in Google Cloud Storage."""
