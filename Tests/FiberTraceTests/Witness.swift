/// Something whose end can be seen.
final class Witness {
  let onEnd: () -> Void
  init(onEnd: @escaping () -> Void = {}) { self.onEnd = onEnd }
  deinit { onEnd() }
}
