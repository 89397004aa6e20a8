import Base
import Execution
import Inference
import Loading

/// What a network takes and gives, what it is probably for, and whether it can run here.
struct ModelInspectCommand: Command {
  let path = ["model", "inspect"]
  let summary = "Look into a network: inputs, outputs, what it is for, whether it can run here"
  let positionals = [Positional(name: "model", help: "a model of 'ridley model list', or any network file")]
  let options = [Option.flag("json", "print one JSON object")] + ModelOptions.all
  let examples = ["ridley model inspect net.onnx", "ridley model inspect yolox-nano --json"]

  var isContained: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let name = arguments.positionals[0]
    let engine = try Engine.ofProgram(cacheFolder: nil)
    let report = try InspectReport(name, arguments, on: engine)
    try Terminal.print(arguments.has("json") ? report.json : report.text)
    return .success
  }
}
