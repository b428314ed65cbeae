// Tasks: async calls, groups, actors, streams, cancellation and errors through awaits.
struct Failure: Error {}

actor Account {
  private var balance = 0
  func deposit(_ amount: Int) throws -> Int {
    if amount < 0 { throw Failure() }
    balance += amount
    return balance
  }
}

@inline(never) func climb(_ depth: Int, _ account: Account) async throws -> Int {
  if depth == 0 { return try await account.deposit(1) }
  if depth == 13 { await Task.yield() }
  return try await climb(depth - 1, account) + 1
}

@main
struct Tasks {
  static func main() async {
    let account = Account()
    var total = 0
    do {
      total += try await withThrowingTaskGroup(of: Int.self) { group in
        for index in 0..<4 { group.addTask { try await climb(index * 5, account) > 0 ? 1 : 0 } }
        var sum = 0
        for try await value in group { sum += value }
        return sum
      }
      _ = try await account.deposit(-1)
    } catch {
      total += 100
    }
    let stream = AsyncStream<Int> { continuation in
      for value in 0..<5 { continuation.yield(value) }
      continuation.finish()
    }
    for await value in stream { total += value }
    let cancelled = Task { () -> Int in
      while !Task.isCancelled { await Task.yield() }
      return 1000
    }
    cancelled.cancel()
    total += await cancelled.value
    print("total \(total)")
  }
}
