"""What stands within texts: periods, how long they last, numbers of documents."""
