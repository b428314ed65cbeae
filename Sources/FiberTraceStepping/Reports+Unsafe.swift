public import CFiberTraceStepping
internal import ExecutionVerification

// What FiberTraceStepping.h declares on reports, and says of it.

@c @implementation
public func ft_step_report_error(_ report: OpaquePointer) -> Int32 { unsafe CReport.of(report).error }

@c @implementation
public func ft_step_report_count(_ report: OpaquePointer) -> UInt64 {
  unsafe UInt64(CReport.of(report).report.findings.count)
}

@c @implementation
public func ft_step_report_finding(_ report: OpaquePointer, _ index: UInt64) -> UnsafePointer<ft_step_finding>? {
  unsafe CReport.of(report).finding(index)
}

@c @implementation
public func ft_step_report_instructions(_ report: OpaquePointer) -> UInt64 {
  unsafe UInt64(CReport.of(report).report.instructions)
}

@c @implementation
public func ft_step_report_functions(_ report: OpaquePointer) -> UInt64 {
  unsafe UInt64(CReport.of(report).report.functions.count)
}

@c @implementation
public func ft_step_report_text(_ report: OpaquePointer) -> UnsafePointer<CChar> { unsafe CReport.of(report).text }

@c @implementation
public func ft_step_report_free(_ report: OpaquePointer?) {
  if let report = unsafe report { unsafe CReport.release(report) }
}
