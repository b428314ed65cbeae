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
    func contender(_ name: String, isOurs: Bool, inFibers: Bool) -> Contender {
      Contender(name, isOurs: isOurs, slice: slice) { Workload(make(inFibers)) }
    }
    return Case(
      name: "backtrace-\(name)", title: "Backtrace, by \(title)", unit: "a frame", references: ["on the main stack"],
      contenders: [
        contender("on the main stack", isOurs: false, inFibers: false),
        contender("three fibers deep", isOurs: true, inFibers: true),
      ])
  }
}
