"""`fincome resend`: what was rejected goes through the engine again, once its cause is mended."""
