import CTestIdentity
import TestSupport

/// Work done as somebody else, on a thread of its own. These tests run as root, and as any other user they see less.
enum Elsewhere {
  /// Runs `body` on a thread of uid 65534 (nobody) without capabilities.
  static func asNobody<Value>(_ body: @escaping () -> Value) throws -> Value {
    unsafe try run(body) { unsafe ft_test_run_as(65534, $0, $1) }
  }

  /// Runs `body` while a thread of this process traces `process`.
  static func tracing<Value>(_ process: Int32, _ body: @escaping () -> Value) throws -> Value {
    unsafe try run(body) { unsafe ft_test_run_tracing(process, $0, $1) }
  }

  struct Failure: Error { let number: Int32 }

  private static func run<Value>(
    _ body: @escaping () -> Value,
    on start: (@convention(c) (UnsafeMutableRawPointer) -> Void, UnsafeMutableRawPointer) -> Int32
  ) throws -> Value {
    var result: Value?
    let work = Work { result = body() }
    let number = unsafe start(
      { unsafe Unmanaged<Work>.fromOpaque($0).takeUnretainedValue().body() },
      Unmanaged<Work>.passUnretained(work).toOpaque())
    guard let result else { throw Failure(number: number) }
    return result
  }

  private final class Work {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }
}
