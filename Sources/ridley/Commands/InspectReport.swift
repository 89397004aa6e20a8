import Base
import Execution
import Inference
import Loading
import ModelHub
import Predictions
import Vision

/// Everything that is known of one network, and every rule that `analyze` would apply, for a person or a program.
struct InspectReport {
  private let name: String
  private let found: Inspection
  /// What `analyze` would run; `nil` where it would ask or refuse.
  private let model: Model?
  /// All that it is made of, with the digests of what stands there.
  private let files: [Manifest.File]
  /// `nil` where it runs.
  private let obstacle: String?
  /// Who runs it, else who would.
  private let engine: String
  /// What its user should know where it runs.
  private let notes: [String]
  /// How its answers compare with those of the network's own runtime.
  private let check: NetworkCheck?
  /// Of a network of texts that runs.
  private let words: InspectedWords?

  /// - Throws: where the file cannot be read at all; a network that reads but cannot run is part of the report.
  init(_ name: String, _ arguments: Arguments, on engine: Engine) throws(Fault) {
    self.name = name
    let resolver = ModelOptions.resolver(arguments, on: engine)
    found = try resolver.inspect(name, try ModelOptions.overrides(arguments), on: engine)
    model = try? found.model.get()
    files =
      if let model, model.manifest.files.allSatisfy({ $0.sha256 != nil }) {
        model.manifest.files
      } else { try Model.files(ofNetwork: found.path) }
    // Of a model with a manifest the input takes the bytes of pictures.
    let isBare = ModelResolver.networkFile(name) != nil
    do throws(Fault) {
      let model = try found.model.get()
      if model.manifest.words != nil {
        let (words, network) = try InspectedWords.look(model, on: engine)
        (notes, obstacle, self.engine, check) = (network.notes, nil, network.engine, network.checked)
        self.words = words
        return
      }
      let loaded = try LoadedModel(model, on: engine)
      let limits = loaded.limits(inputs: isBare ? found.inputs : [], outputs: found.outputs)
      (notes, obstacle, self.engine, check) = (loaded.notes + limits, nil, loaded.engine, loaded.check)
    } catch {
      (notes, obstacle, self.engine, check) = ([], error.message, found.engine, nil)
    }
    words = nil
  }

  var text: String {
    var text = "network   \(found.path)\n"
    if let model { text += "digest    \(model.digest)\n" }
    for file in files { text += "file      \(file.path) sha256:\(file.sha256 ?? "")\n" }
    for input in found.inputs { text += "input     \(input)\n" }
    for output in found.outputs {
      text += "output    \(output)\(found.unused.contains(output.name) ? ", not read" : "")\n"
    }
    if let exporter = found.facts.exporter {
      text += "file says \(exporter)\(found.facts.task.map { ": \($0)" } ?? "")\n"
    }
    if let recipe = model?.manifest.words {
      text += "task      words: \(found.why)\n"
      for (what, value) in InspectedWords.rules(recipe, words) { text += what.padded(to: 10) + value + "\n" }
    } else if let recipe = model?.recipe {
      text += "task      \(recipe.task.rawValue), decoder \(recipe.output.decoder.rawValue): \(found.why)\n"
      for (what, value) in Self.rules(recipe, found.input ?? recipe.input) {
        text += what.padded(to: 10) + value + "\n"
      }
    } else {
      // What stands in the way is told once.
      text += found.why == obstacle ? "task      unknown\n" : "task      unknown: \(found.why)\n"
    }
    text += "runs here \(obstacle.map { "no: \($0)" } ?? "yes, on \(engine)")\n"
    if let check { text += "checked   \(check.sentence)\n" }
    return text + notes.map { "note      \($0)\n" }.joined()
  }

  /// What is done to a picture, and what is made of the answer.
  private static func rules(_ recipe: Recipe, _ input: InputRecipe) -> [(String, String)] {
    let output = recipe.output
    let keys = output.decoder.facts.keys
    var resize = input.resize.rawValue
    if input.resize == .letterbox { resize += " to \(input.anchor.rawValue), padded with \(input.pad)" }
    if input.resize != .letterbox, input.crop < 1 { resize += ", the middle \(input.crop) of each side" }
    if input.interpolation != .halving { resize += ", \(input.interpolation.rawValue)" }
    var rules = [("color", input.color.rawValue), ("resize", resize), ("numbers", numbers(input))]
    if keys.contains(.activation) { rules.append(("scores", output.activation?.rawValue ?? "probabilities already")) }
    if keys.contains(.threshold) { rules.append(("threshold", "\(output.threshold)")) }
    if keys.contains(.iou) { rules.append(("iou", "\(output.iou)")) }
    if let coordinates = output.coordinates { rules.append(("boxes", "in \(coordinates.rawValue)")) }
    if !output.columns.isEmpty { rules.append(("columns", output.columns.map(\.rawValue).joined(separator: ", "))) }
    if !output.points.isEmpty { rules.append(("points", output.points.joined(separator: ", "))) }
    if let align = output.align { rules.append(("maps", "aligned by \(align.rawValue)")) }
    if let unclip = output.unclip { rules.append(("unclip", "\(unclip)")) }
    if let first = output.first { rules.append(("first", "label 1 is that of class \(first)")) }
    if let origin = output.origin { rules.append(("origin", "the \(origin.rawValue) of a cell")) }
    if let background = output.background {
      // Characters need not name the one that stands for none.
      let isNamed = output.decoder != .ctc && recipe.labels.count > background
      rules.append(("nothing", isNamed ? recipe.labels[background] : "class \(background)"))
    }
    for part in recipe.more {
      let decoder = part.output.decoder
      rules.append(("and", "\(decoder.task.rawValue), decoder \(decoder.rawValue)"))
    }
    if !recipe.labels.isEmpty {
      rules.append(
        (
          "labels",
          "\(recipe.labels.count): \(recipe.labels.prefix(5).joined(separator: ", "))\(recipe.labels.count > 5 ? ", …" : "")"
        ))
    }
    return rules
  }

  private static func numbers(_ input: InputRecipe) -> String {
    func list(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: ", ") }
    guard !input.mean.isEmpty || !input.scale.isEmpty else { return "0 to 255 as they are" }
    let mean = input.mean.isEmpty ? "" : " less \(list(input.mean))"
    return "0 to 255\(mean)\(input.scale.isEmpty ? "" : ", divided by \(list(input.scale))")"
  }

  var json: String {
    JSONText.line { json in
      json.field("model", name)
      json.field("network", found.path)
      json.field("digest", model?.digest)
      json.field("task", model?.recipe.task.rawValue)
      json.field("decoder", model?.recipe.output.decoder.rawValue)
      json.field("why", found.why)
      json.field("obstacle", obstacle)
      json.field("runs_here", obstacle == nil)
      json.field("engine", engine)
      if let check { json.object("checked") { check.write(to: &$0) } }
      json.field("notes", notes)
      json.array("files") { json in
        for file in files {
          json.object { json in
            json.field("path", file.path)
            json.field("sha256", file.sha256)
          }
        }
      }
      json.array("inputs") { for spec in found.inputs { Self.write(spec, into: &$0) } }
      json.array("outputs") { for spec in found.outputs { Self.write(spec, into: &$0) } }
      json.array("unused") { for name in found.unused { $0.string(name) } }
      if let recipe = model?.manifest.words {
        InspectedWords.write(recipe, words, into: &json)
      } else if let recipe = model?.recipe {
        Self.write(recipe, into: &json)
      }
    }
  }

  private static func write(_ recipe: Recipe, into json: inout JSONWriter) {
    let (input, output) = (recipe.input, recipe.output)
    json.object("input") { json in
      json.field("color", input.color.rawValue)
      json.field("resize", input.resize.rawValue)
      json.field("interpolation", input.interpolation.rawValue)
      if input.resize != .letterbox, input.crop < 1 { json.field("crop", input.crop) }
      if input.resize == .letterbox {
        json.field("anchor", input.anchor.rawValue)
        json.field("pad", Int(input.pad))
      }
      json.array("mean") { for value in input.mean { $0.number(Double(value)) } }
      json.array("scale") { for value in input.scale { $0.number(Double(value)) } }
    }
    json.object("output") { json in
      json.field("activation", output.activation?.rawValue)
      json.field("threshold", Double(output.threshold))
      json.field("iou", Double(output.iou))
      json.field("coordinates", output.coordinates?.rawValue)
      json.array("columns") { for column in output.columns { $0.string(column.rawValue) } }
      json.field("background", output.background)
      json.array("points") { for point in output.points { $0.string(point) } }
      json.field("first", output.first)
      json.field("origin", output.origin?.rawValue)
      json.field("align", output.align?.rawValue)
      json.field("unclip", output.unclip.map { Double($0) })
    }
    json.array("labels") { for label in recipe.labels { $0.string(label) } }
  }

  private static func write(_ spec: TensorSpec, into json: inout JSONWriter) {
    json.object { json in
      json.field("name", spec.name)
      json.field("type", spec.element.rawValue)
      json.field("shape", spec.shape)
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
