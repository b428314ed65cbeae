import FiberTrace

/// Keeps a stack, so that stacks can be in arrays.
final class Keeper: Sendable {
  let stack: FiberStack

  init(size: Int, guard kind: FiberStack.Guard) throws {
    stack = try FiberStack(size: size, guard: kind)
  }

  init(pool: FiberStackPool) throws {
    stack = try pool.take()
  }
}
