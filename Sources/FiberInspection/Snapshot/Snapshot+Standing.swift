extension Snapshot {
  /// A process that stands still, for those that walk its stacks: only modules and memory are known of it.
  ///
  /// - Parameter memory: as it is at each moment; whoever walks has to be told when it changes.
  package init(standing process: Int32, modules: [Module], memory: any MemoryReader) {
    self.init(
      source: .process(stopped: .zero), processID: process, command: "", threads: [],
      mappings: modules.map {
        Mapping(range: $0.range, fileOffset: 0, path: $0.path, isWritable: false, isExecutable: true)
      }, modules: modules, registries: [], memory: memory, problems: [])
  }
}
