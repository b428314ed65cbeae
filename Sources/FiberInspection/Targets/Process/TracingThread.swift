internal import CProcess

/// An operating-system thread for one piece of work with ptrace, which belongs to threads rather than processes: requests must
/// come from the thread that seized, and the kernel lets go of all it holds when that thread ends.
package enum TracingThread {
  /// Runs `body` on a new thread and waits for it.
  ///
  /// - Throws: what `body` throws, or a system error if no thread can be started.
  package static func run<Value>(
    _ body: @escaping () throws(InspectionError) -> Value, place: String
  ) throws(InspectionError) -> Value {
    let work = Work(body)
    let error = unsafe ft_run_on_new_thread(
      { unsafe Unmanaged<AnyWork>.fromOpaque($0).takeUnretainedValue().run() },
      Unmanaged<AnyWork>.passUnretained(work).toOpaque())
    guard let result = work.result else {
      throw InspectionError(.system, place: place, "no thread could be started: \(SystemError(number: error).text)")
    }
    return try result.get()
  }
}

private class AnyWork {
  func run() {}
}

private final class Work<Value>: AnyWork {
  private let body: () throws(InspectionError) -> Value
  private(set) var result: Result<Value, InspectionError>?

  init(_ body: @escaping () throws(InspectionError) -> Value) { self.body = body }

  override func run() { result = Result(catching: body) }
}
