import Base
import Catalog
import Registry

/// A folder of inputs for a version, and recording what it answers to them.
enum ExampleFolder {
  static let option = Option.value(
    "examples", "FOLDER", "pictures, arrays (.npy) or requests (.json) that it is shown; its answers are kept with it")

  /// The files of a folder, by name; what is hidden is left out.
  static func read(_ folder: String) throws(Fault) -> [ExampleInput] {
    let names = try FileSystem.list(folder).filter { !$0.hasPrefix(".") }.sorted()
    var (inputs, byteCount) = ([ExampleInput](), 0)
    for name in names where FileSystem.kind(of: "\(folder)/\(name)") == .file {
      let bytes = try FileSystem.read("\(folder)/\(name)", limit: ModelRegistry.mostExampleBytes)
      byteCount += bytes.count
      guard byteCount <= ModelRegistry.mostExampleBytes, inputs.count < ModelRegistry.mostExamples else {
        throw Fault(
          .tooLarge,
          "\(folder) has more than \(ModelRegistry.mostExamples) files, or than \(Units.text(bytes: ModelRegistry.mostExampleBytes)): a few that tell versions apart are enough"
        )
      }
      inputs.append(ExampleInput(name: name, bytes: bytes))
    }
    guard !inputs.isEmpty else {
      throw Fault(.notFound, "there is no file in \(folder): put pictures, arrays (.npy) or requests (.json) there")
    }
    return inputs
  }

  /// Loads a version, shows it the inputs, and keeps what it answers.
  static func record(
    _ inputs: [ExampleInput], of version: RegisteredVersion, in registry: ModelRegistry, by who: String
  ) throws(Fault) -> ModelExamples {
    let trial = try VersionTrial(version, of: registry)
    defer { withExtendedLifetime(trial) {} }
    var examples: [(input: ExampleInput, answer: RecordedAnswers.Answer)] = []
    for input in inputs { examples.append((input, try trial.run.answer(input))) }
    return try registry.record(examples, of: version, by: trial.run.computation, who: who)
  }
}

/// Inputs of a version that is published already.
struct ModelRecordCommand: Command {
  let path = ["model", "record"]
  let summary = "Keep inputs of a version with what it answers to them, which it has to answer so before it is used"
  let positionals = [RegistryWords.model, RegistryWords.version]
  let options = [ExampleFolder.option, RegistryWords.by, RegistryWords.json, LibraryPlace.option]
  let examples = ["ridley model record inspector 3 --examples pictures/"]

  var isContained: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let folder = arguments["examples"] else { throw arguments.refusal("--examples says which inputs") }
    let inputs = try ExampleFolder.read(folder)
    let registry = try RegistryWords.registry(arguments)
    let version = try registry.find(arguments.positionals[1], of: arguments.positionals[0])
    let set = try ExampleFolder.record(inputs, of: version, in: registry, by: RegistryWords.who(arguments))
    try Terminal.print(
      arguments.has("json")
        ? JSONText.line(set.write)
        : "recorded \(set.count) \(set.count == 1 ? "input" : "inputs") of \(set.model) \(set.version), answered by \(set.computation)\n"
    )
    return .success
  }
}
