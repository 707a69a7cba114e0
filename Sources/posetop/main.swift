print("posetop")
