print("posetop-engine")
