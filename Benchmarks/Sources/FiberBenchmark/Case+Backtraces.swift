internal import CContenders

extension Case {
  static var backtraces: [Case] {
    [
      backtrace("unw_backtrace", title: "libunwind's unw_backtrace", slice: 1_000) {
        unsafe backtrace_workload(walk_libunwind, $0)
      },
      backtrace("libc", title: "glibc's backtrace", slice: 20) { unsafe backtrace_workload(walk_libc, $0) },
      backtrace("captureRaw", title: "Backtrace.captureRaw(into:)", slice: 1_000) {
        unsafe backtrace_workload(walkRaw, $0)
      },
    ]
  }

  private static func backtrace(
    _ name: String, title: String, slice: Int, _ make: @escaping (_ inFibers: Bool) -> workload
  ) -> Case {
    Case(
      name: "backtrace-\(name)", title: "A walk of 36 frames, \(title)", unit: "a frame",
      references: ["on the main stack"],
      contenders: [
        Contender("on the main stack", slice: slice) { Workload(make(false)) },
        Contender("three fibers deep", slice: slice) { Workload(make(true)) },
      ])
  }
}
