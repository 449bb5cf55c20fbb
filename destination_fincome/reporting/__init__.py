"""What a sync tells people: counts, reasons, business checks, rejected records. Decides nothing."""
