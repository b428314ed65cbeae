public import CFiberTraceStepping
internal import ExecutionVerification
internal import Glibc

/// Calls `body(context)`, steps it, and holds every row against its execution. FiberTraceStepping.h says more.
@c @implementation
public func ft_step_run(
  _ body: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ context: UnsafeMutableRawPointer?,
  _ options: UnsafePointer<ft_step_options>?
) -> OpaquePointer {
  let options = unsafe options?.pointee ?? ft_step_options()
  do throws(StepCheckError) {
    guard let body = unsafe body else { throw StepCheckError(code: EINVAL, "there is nothing to step: body is NULL") }
    var limits = StepCheck.Limits()
    if unsafe options.most_instructions > 0 { limits.instructions = unsafe Int(clamping: options.most_instructions) }
    if unsafe options.most_bytes > 0 { limits.bytes = unsafe Int(clamping: options.most_bytes) }
    let report = try unsafe StepCheck.run(
      functions: names(options.functions), excluding: names(options.excluding), limits: limits, function: body,
      context: context)
    return unsafe CReport(report, error: 0).reference
  } catch {
    return unsafe CReport(StepCheck.report(of: error), error: error.code).reference
  }
}

/// Strings up to the NULL behind the last.
private func names(_ list: UnsafePointer<UnsafePointer<CChar>?>?) -> [String] {
  guard var next = unsafe list else { return [] }
  var result: [String] = []
  while let name = unsafe next.pointee {
    result.append(unsafe String(cString: name))
    unsafe next += 1
  }
  return result
}
