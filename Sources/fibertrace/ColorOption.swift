internal import ArgumentParser

/// When output has colours.
enum ColorOption: String, ExpressibleByArgument, CaseIterable {
  case auto, always, never
}
