/// The unwinders that are held against each other, as `--unwinders` names them.
package enum UnwinderName: String, Sendable, Hashable, CaseIterable {
  /// Our own: call frame information, row by row.
  case rows
  /// Nongnu libunwind, reading the process from outside.
  case libunwind
  /// elfutils' libdw.
  case libdw
  /// The chain of frame pointers.
  case fp
  /// The debugger.
  case gdb
}
