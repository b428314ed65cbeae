internal import Glibc

/// Runs `body` on a thread of its own while this one waits, so that both exist at once.
func onOtherThread(_ body: () throws -> Void) throws {
  try withoutActuallyEscaping(body) { body in
    final class Call {
      let body: () throws -> Void
      var error: (any Error)?
      init(_ body: @escaping () throws -> Void) { self.body = body }
    }
    let call = Call(body)
    var thread = pthread_t()
    let status = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let call = unsafe Unmanaged<Call>.fromOpaque(argument).takeUnretainedValue()
        do { try call.body() } catch { call.error = error }
        return nil
      }, Unmanaged.passUnretained(call).toOpaque())
    guard status == 0 else { throw Unexpected("no thread: \(status)") }
    pthread_join(thread, nil)
    if let error = call.error { throw error }
  }
}

struct Unexpected: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

func require<Value: Equatable>(_ value: Value, is expected: Value, line: Int = #line) throws {
  guard value == expected else { throw Unexpected("line \(line): \(value), not \(expected)") }
}
