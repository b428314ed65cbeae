/// What of each frame a report shows.
public struct ReportDetail: Sendable {
  /// Functions that were inlined into others.
  public var showsInlined: Bool
  /// Source files and lines.
  public var showsSource: Bool
  /// Every frame of the fiber runtime. Text has one line for several in a row otherwise, and folded stacks leave them out; JSON has
  /// them all, whatever this says.
  public var showsRuntime: Bool

  /// All but the runtime's own frames unless told otherwise.
  public init(showsInlined: Bool = true, showsSource: Bool = true, showsRuntime: Bool = false) {
    self.showsInlined = showsInlined
    self.showsSource = showsSource
    self.showsRuntime = showsRuntime
  }

  /// The functions of a location that are shown.
  func functions(of location: Location) -> [FunctionLocation] {
    showsInlined ? location.functions : location.functions.filter { !$0.isInlined }
  }
}
