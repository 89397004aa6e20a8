print("ridley")
