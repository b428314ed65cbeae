/// What a thread has come back with.
struct Report: Sendable, CustomStringConvertible {
  /// The thread's number; 0 is the main thread.
  let thread: Int
  /// What its fibers have added up.
  let sum: Int
  /// How many of their stacks lie above the thread's.
  let above: Int

  var description: String {
    let name = thread == 0 ? "the main thread" : "thread \(thread)"
    return "threads: \(name)'s fibers have added up \(sum); stacks above its own: \(above)"
  }
}
