package import CProcess

/// Signals and a program that is run.
package enum RunSignals {
  /// What a program inherits from the one that starts it.
  package typealias Inheritance = ft_inheritance

  /// What this process would pass on now: ask before anything is changed for this process itself.
  package static var inheritance: Inheritance { ft_inheritance_now() }

  /// Keeps the signals that others end a program by from ending this process, for `RunOptions.endsOnSignals`. Call it before there are
  /// other threads.
  package static func block() { ft_block_end_signals() }

  /// Afterwards they end it again.
  package static func unblock() { ft_unblock_end_signals() }
}
