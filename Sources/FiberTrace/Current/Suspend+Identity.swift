extension Fiber.Suspend {
  /// The fiber that it suspends; without its name if that fiber is gone.
  ///
  /// - Complexity: O(1), and a copy of the name.
  public var fiber: FiberIdentity {
    unsafe record.id == id ? FiberIdentity(record) : FiberIdentity(id: id, name: nil)
  }

  /// The fiber is being cancelled: each call of this handle throws ``FiberError/Code/cancelled``.
  ///
  /// Cancellation comes as an error of the pending suspend, so there is no need to ask on the way: this tells a `defer` or a deinit
  /// why it runs. ``Fiber/isCancelled`` is for code without the handle.
  ///
  /// - Complexity: O(1).
  public var isCancelled: Bool { unsafe record.id == id && record.isCancelled }
}
