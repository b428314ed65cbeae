"""Threads, exceptions, generators and a module in C. Its argument: the folder of the module."""
import sys
import threading

sys.path.insert(0, sys.argv[1])
import extension  # noqa: E402

results = []
lock = threading.Lock()


def fall(depth):
    if depth == 0:
        raise ValueError("at the bottom")
    try:
        return fall(depth - 1)
    finally:
        with lock:
            results.append(depth)


def work(index):
    try:
        fall(10 + index)
    except ValueError:
        extension.wait_a_moment()
        with lock:
            results.append(index)


def numbers():
    total = 0
    while total < 20:
        total += yield total


def failing(value):
    if value > 3:
        raise KeyError(value)
    return value * 2


threads = [threading.Thread(target=work, args=(index,)) for index in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

generator = numbers()
next(generator)
try:
    while True:
        results.append(generator.send(3))
except StopIteration:
    pass
results.append(extension.apply(failing, 1))
try:
    extension.apply(failing, 9)
except KeyError as error:
    results.append(error.args[0])
text = sorted(str(value) for value in results)
print(len(text), sum(int(value) for value in text))
