import FiberTrace

/// Fibers whose threads have ended inside them. The frames that held them are gone and have released nothing: here
/// LeakSanitizer finds them.
let abandonedFibers = Locked<[MovableFiber<Void, Void, Void>]>([])
