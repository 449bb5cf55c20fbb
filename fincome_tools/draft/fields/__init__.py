"""Each field of what a table becomes, decided or asked: amounts, periods, statuses, credits, ids."""
