public import CFiberTraceStepping
internal import ExecutionVerification

// FiberTraceStepping.h says more.

/// Why nothing was stepped, an `errno` value; 0 if something was.
@c @implementation
public func ft_step_report_error(_ report: OpaquePointer) -> Int32 { unsafe CReport.of(report).error }

/// How many findings there are.
@c @implementation
public func ft_step_report_count(_ report: OpaquePointer) -> UInt64 {
  unsafe UInt64(CReport.of(report).report.findings.count)
}

/// A finding; nil behind the last.
@c @implementation
public func ft_step_report_finding(_ report: OpaquePointer, _ index: UInt64) -> UnsafePointer<ft_step_finding>? {
  unsafe CReport.of(report).finding(index)
}

/// How many instructions were executed one by one.
@c @implementation
public func ft_step_report_instructions(_ report: OpaquePointer) -> UInt64 {
  unsafe UInt64(CReport.of(report).report.instructions)
}

/// How many functions were executed and judged.
@c @implementation
public func ft_step_report_functions(_ report: OpaquePointer) -> UInt64 {
  unsafe UInt64(CReport.of(report).report.functions.count)
}

/// The whole text.
@c @implementation
public func ft_step_report_text(_ report: OpaquePointer) -> UnsafePointer<CChar> { unsafe CReport.of(report).text }

/// Frees a report and its texts.
@c @implementation
public func ft_step_report_free(_ report: OpaquePointer?) {
  if let report = unsafe report { unsafe CReport.release(report) }
}
