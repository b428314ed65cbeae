/// What is known of a pc in words: module, functions, source lines.
public struct Location: Sendable, Equatable {
  /// Path of the module that holds it, as the process knows it; nil outside of any.
  public var modulePath: String?
  /// The lookup address as an address of the module's file; meaningless without `modulePath`.
  public var moduleOffset: UInt64
  /// Functions at the pc, from the innermost inlined one to the one that has the machine code; empty where none is known.
  public var functions: [FunctionLocation]
  /// The fiber runtime's function that holds the pc, if one does.
  public var runtimeFunction: RuntimeFunction?

  /// A location.
  public init(
    modulePath: String? = nil, moduleOffset: UInt64 = 0, functions: [FunctionLocation] = [],
    runtimeFunction: RuntimeFunction? = nil
  ) {
    self.modulePath = modulePath
    self.moduleOffset = moduleOffset
    self.functions = functions
    self.runtimeFunction = runtimeFunction
  }
}

/// A function at a pc, and the place in it.
public struct FunctionLocation: Sendable, Equatable {
  /// Its name as people write it, with parameters where the mangled name has them.
  public var name: String
  /// Its name in the symbol table or the debug information.
  public var rawName: String
  /// Distance of the lookup address from the function's start, in bytes; nil for inlined functions.
  public var offset: UInt64?
  /// The source line, nil where there is no debug information.
  public var source: SourceLine?
  /// It was inlined into the next function of the list.
  public var isInlined: Bool

  /// A function.
  public init(name: String, rawName: String, offset: UInt64? = nil, source: SourceLine? = nil, isInlined: Bool = false)
  {
    self.name = name
    self.rawName = rawName
    self.offset = offset
    self.source = source
    self.isInlined = isInlined
  }
}

/// A line of a source file.
public struct SourceLine: Sendable, Equatable {
  /// The path the compiler was given, made absolute with its working directory, without "." and ".."; for code that
  /// belongs to no file, "<compiler-generated>".
  public var path: String
  /// From 1; nil for code the compiler made that belongs to no line.
  public var line: Int?

  /// What Swift calls the file of code that has none.
  static let compilerGenerated = "<compiler-generated>"

  /// A line.
  public init(path: String, line: Int?) {
    self.path = path
    self.line = line
  }
}

/// The functions of a fiber runtime that its registry names.
public enum RuntimeFunction: String, Sendable, CaseIterable {
  /// Switches to a fiber.
  case resume = "ft_fiber_resume"
  /// Switches back to the resumer.
  case suspend = "ft_fiber_suspend"
  /// The base of a fiber's stack.
  case start = "ft_fiber_start"
  /// The end of the stack of a fiber that does not run.
  case notRunning = "ft_fiber_not_running"
}
