/// What is known of a process's modules and registries at one state of its mappings.
struct ProcessImages {
  let modules: [FoundModule]
  let registries: [RegistryLocation]
  /// What is wrong with modules.
  let problems: [Problem]
  /// What is wrong with the notes that lead to registries.
  let faults: [Problem]
  let notes: [Problem]

  /// Reads the images that `maps` shows, from their files and from memory.
  ///
  /// - Parameter thread: one of the process, for its memory.
  /// - Complexity: O(mappings + modules), a few reads of memory for each module.
  init(in maps: ProcessMaps, files: ProcessFiles, thread: Int32) {
    (modules, problems, notes) = files.modules(in: maps)
    let memory = ImageBackedMemory(ProcessMemory(thread: thread), modules: modules)
    (registries, faults) = RegistryLocation.all(in: modules, memory: memory)
  }
}
