internal import CProcess
internal import FiberInspection
internal import Glibc

/// Watches for what ends a run before its program does: a signal that asks for it, or the time that was given.
///
/// Use it on one thread, whose waits it interrupts.
@safe final class RunWatch {
  private let watch: OpaquePointer
  private let limit: Duration?

  /// - Parameter place: what is run.
  /// - Throws: that no thread could be started.
  init(_ options: RunOptions, place: String) throws(InspectionError) {
    limit = options.timeout
    let time = options.timeout.map { limit in
      let parts = max(limit, .zero).components
      let (whole, isTooLong) = parts.seconds.multipliedReportingOverflow(by: 1_000_000_000)
      return isTooLong ? .max : whole.addingReportingOverflow(parts.attoseconds / 1_000_000_000).partialValue
    }
    var error: Int32 = 0
    guard let watch = unsafe ft_watch_start(options.endsOnSignals, time ?? -1, &error) else {
      throw InspectionError(.system, place: place, "no thread could be started: \(SystemError(number: error).text)")
    }
    unsafe self.watch = watch
  }

  /// What has come; nil as long as nothing has.
  var stop: StepReport.Stop? {
    let reason = unsafe ft_watch_reason(watch)
    if reason == 0 { return nil }
    if reason == FT_WATCH_TIME { return .time(limit ?? .zero) }
    return .signal(reason, isFromTerminal: unsafe ft_watch_is_from_terminal(watch))
  }

  deinit { unsafe ft_watch_end(watch) }
}
