import Base
import Inference
import Loading
import ModelHub
import Predictions
import Vision

/// The options that say which model is meant and how it is used; shared by the commands that run one.
enum ModelOptions {
  static let all: [Option] = [
    .value("models", "FOLDER", "look for models in this folder first"),
    .value("labels", "FILE", "names of the classes, one a line"),
    // What is told of windows of frames needs more than options can say: a manifest.
    .choice(
      "task", ModelTask.allCases.filter { $0 != .shotBoundary }.map(\.rawValue),
      "what the network is for, where it cannot be guessed"),
    .choice(
      "decoder", OutputRecipe.Decoder.allCases.filter { $0 != .boundary }.map(\.rawValue), "how its outputs are read"),
    .choice("activation", OutputRecipe.Activation.allCases.map(\.rawValue), "what turns its outputs into scores"),
    .choice("color", InputRecipe.Color.allCases.map(\.rawValue), "order of the channels it takes"),
    .choice(
      "normalize", Normalization.allCases.map(\.rawValue),
      "what 0 to 255 becomes: the same, 0 to 1, -1 to 1, or ImageNet's mean and deviation"),
    .value("mean", "N[,N,N]", "subtracted from each channel, 0 to 255"),
    .value("scale", "N[,N,N]", "then divides each channel"),
    .choice("resize", InputRecipe.Resize.allCases.map(\.rawValue), "how a picture of another shape fits"),
    .choice("interpolation", Interpolation.allCases.map(\.rawValue), "how its pixels are made"),
    .choice("anchor", InputRecipe.Anchor.allCases.map(\.rawValue), "where a letterboxed picture stands"),
    .value("pad", "0..255", "gray around a letterboxed picture"),
    .value("size", "WxH", "input size, where the network leaves it open"),
    .choice(
      "layout", InputRecipe.Layout.ofPicture.map(\.rawValue),
      "order of its dimensions, where the shape can be read both ways"),
    .value("threshold", "0..1", "leave out what scores less"),
    .value("iou", "0..1", "overlap above which the weaker of two boxes goes"),
    .value("top", "N", "classes a classification names"),
    .choice("coordinates", OutputRecipe.Coordinates.allCases.map(\.rawValue), "in what its boxes are told"),
    .value("columns", "A,B,…", "order of the numbers in a row of a finished detection, or of a box"),
    .choice("output-layout", OutputRecipe.Layout.allCases.map(\.rawValue), "how its output lies in memory"),
    .value("scores", "NAME", "the output with the scores, where several could be"),
    .value("boxes", "NAME", "the output with the boxes, likewise"),
    .value("background", "N", "the class that means nothing"),
    .value("points", "N|A,B,…", "how many points a box has, or their names"),
    .value("first", "N", "the class number of the first label"),
    .choice("origin", OutputRecipe.Origin.allCases.map(\.rawValue), "where in its cell a box is measured from"),
    .choice("align", OutputRecipe.Align.allCases.map(\.rawValue), "how the maps of a pose lie over the input"),
    .value("unclip", "N", "how far boxes around lines of text grow (default 1.5)"),
    .value("strides", "N,N,…", "input pixels between the cells of each level"),
    .value("unit", "N", "what a step of a whole number is worth as a score"),
    .value("zero", "N", "the whole number that stands for 0"),
    .choice(
      "precision", Precision.allCases.map(\.rawValue),
      "arithmetic inside the network (default f32: the same answer on every machine)"),
    .choice(
      "engine", EngineChoice.allCases.map(\.rawValue),
      "who runs it (default auto: OpenVINO, else the runtime of its format)"),
  ]

  /// Where networks run, by the names that reports have.
  static func device(_ arguments: Arguments) throws(Fault) -> String {
    try arguments["device"].map { (text) throws(Fault) in try Devices(text: text) }?.name ?? Devices.cpu.name
  }

  /// What the options say of the model.
  static func overrides(_ arguments: Arguments) throws(Fault) -> RecipeOverrides {
    var overrides = RecipeOverrides()
    overrides.task = arguments["task"].flatMap(ModelTask.init)
    overrides.decoder = arguments["decoder"].flatMap(OutputRecipe.Decoder.init)
    overrides.activation = arguments["activation"].flatMap(OutputRecipe.Activation.init)
    overrides.threshold = try arguments.number("threshold", in: 0...1).map { Float($0) }
    overrides.iou = try arguments.number("iou", in: 0...1).map { Float($0) }
    overrides.top = try arguments.integer("top", in: 1...10_000)
    try readOutput(arguments, &overrides)
    overrides.color = arguments["color"].flatMap(InputRecipe.Color.init)
    overrides.resize = arguments["resize"].flatMap(InputRecipe.Resize.init)
    overrides.interpolation = arguments["interpolation"].flatMap(Interpolation.init)
    overrides.anchor = arguments["anchor"].flatMap(InputRecipe.Anchor.init)
    overrides.pad = try arguments.integer("pad", in: 0...255).map { UInt8($0) }
    overrides.layout = arguments["layout"].flatMap(InputRecipe.Layout.init)
    overrides.size = try size(arguments)
    overrides.normalization = arguments["normalize"].flatMap(Normalization.init)
    overrides.mean = try arguments.numbers("mean", counts: [1, 3])
    overrides.scale = try arguments.numbers("scale", counts: [1, 3])
    guard overrides.scale?.contains(0) != true else {
      throw arguments.refusal("--scale divides, so it takes no zero")
    }
    overrides.labelFile = arguments["labels"]
    overrides.precision = arguments["precision"].flatMap(Precision.init)
    overrides.engine = arguments["engine"].flatMap(EngineChoice.init)
    return overrides
  }

  /// What the options say of the outputs, besides scores.
  private static func readOutput(_ arguments: Arguments, _ overrides: inout RecipeOverrides) throws(Fault) {
    overrides.coordinates = arguments["coordinates"].flatMap(OutputRecipe.Coordinates.init)
    overrides.outputLayout = arguments["output-layout"].flatMap(OutputRecipe.Layout.init)
    (overrides.scores, overrides.boxes) = (arguments["scores"], arguments["boxes"])
    overrides.background = try arguments.integer("background", in: 0...100_000)
    overrides.points = try points(arguments)
    overrides.align = arguments["align"].flatMap(OutputRecipe.Align.init)
    overrides.unclip = try arguments.numbers("unclip", counts: [1])?.first
    if let unclip = overrides.unclip, unclip <= 0 { throw arguments.refusal("--unclip must be above 0") }
    overrides.first = try arguments.integer("first", in: 0...1000)
    overrides.origin = arguments["origin"].flatMap(OutputRecipe.Origin.init)
    overrides.unit = try arguments.numbers("unit", counts: [1])?.first
    overrides.zero = try arguments.numbers("zero", counts: [1])?.first
    if let unit = overrides.unit, unit <= 0 { throw arguments.refusal("--unit must be above 0") }
    overrides.strides = try arguments.numbers("strides", counts: Array(1...8))?.map { Int($0) }
    if let strides = overrides.strides, !strides.allSatisfy({ (1...1024).contains($0) }) {
      throw arguments.refusal("--strides takes pixels from 1 to 1024, such as 8,16,32")
    }
    guard let text = arguments["columns"] else { return }
    overrides.columns = try text.split(separator: ",").map { (word) throws(Fault) in
      guard let column = OutputRecipe.Column(rawValue: String(word)) else {
        let known = OutputRecipe.Column.allCases.map(\.rawValue)
        let hint = Suggestion.hint(for: String(word), among: known)
        throw arguments.refusal("--columns knows no '\(word)'\(hint), only \(list(known))")
      }
      return column
    }
  }

  /// How many there are, or what they are called.
  private static func points(_ arguments: Arguments) throws(Fault) -> [String]? {
    guard let text = arguments["points"] else { return nil }
    let names = text.split(separator: ",").map(String.init)
    if names.count == 1, let count = Int(text), (1...1000).contains(count) { return OutputRecipe.points(count) }
    guard !names.isEmpty, Set(names).count == names.count, Int(names[0]) == nil else {
      throw arguments.refusal(
        "--points takes how many points a box has, such as 17, or their names with commas between")
    }
    return names
  }

  private static func size(_ arguments: Arguments) throws(Fault) -> Size? {
    guard let size = arguments["size"] else { return nil }
    let sides = size.split(separator: "x").compactMap { Int($0) }
    guard sides.count == 2, sides.allSatisfy({ (1...8192).contains($0) }) else {
      throw arguments.refusal("--size takes width x height in pixels such as 320x240, not '\(size)'")
    }
    return Size(width: sides[0], height: sides[1])
  }

  /// Finds models; what is in doubt is asked for by the options above.
  static func resolver(_ arguments: Arguments, on engine: Engine) -> ModelResolver {
    ModelResolver(
      models: arguments["models"], cache: engine.cacheFolder,
      explain: { arguments.refusal("\($0.reason): \(wayOut($0))") },
      engine: { () throws(Fault) in engine })
  }

  /// The options that settle a doubt.
  static func wayOut(_ doubt: RecipeDoubt) -> String {
    switch doubt {
    case .reading(_, _, let doubt):
      doubt.choices.isEmpty
        ? "no decoder fits" : "say " + ways(doubt.choices).joined(separator: ", or ")
    case .normalization:
      "say --normalize (\(list(Normalization.allCases.map(\.rawValue)))), or --mean and --scale"
    case .characters: "say --labels, a file with one character a line"
    case .blank:
      "say --background N, its number: 0 for the first, as PyTorch and PaddleOCR have it, or that of the last, as Keras does"
    case .otherTask: "leave --task out"
    }
  }

  /// One text for choices that differ in the output alone.
  private static func ways(_ choices: [GuessDoubt.Choice]) -> [String] {
    var ways: [(text: String, reads: String, outputs: [String])] = []
    for choice in choices {
      let (text, scores) = (text(choice), choice.output.scores)
      if let scores, let last = ways.last, last.text == text, last.reads == choice.reads {
        ways[ways.count - 1].outputs.append(scores)
      } else {
        ways.append((text, choice.reads, scores.map { [$0] } ?? []))
      }
    }
    return ways.map { way in
      let scores = way.outputs.isEmpty ? "" : " --scores \(way.outputs.joined(separator: "|"))"
      return "\(way.text)\(scores) (\(way.reads))"
    }
  }

  /// The options that choose a way of reading, but for the output.
  private static func text(_ choice: GuessDoubt.Choice) -> String {
    let output = choice.output
    var words = ["--decoder \(output.decoder.rawValue)"]
    if !output.columns.isEmpty { words.append("--columns \(output.columns.map(\.rawValue).joined(separator: ","))") }
    if let activation = output.activation { words.append("--activation \(activation.rawValue)") }
    if !output.points.isEmpty { words.append("--points \(output.points.count)") }
    if let coordinates = output.coordinates { words.append("--coordinates \(coordinates.rawValue)") }
    if let origin = output.origin { words.append("--origin \(origin.rawValue)") }
    if let align = output.align { words.append("--align \(align.rawValue)") }
    if let first = output.first { words.append("--first \(first)") }
    if let layout = output.layout { words.append("--output-layout \(layout.rawValue)") }
    if output.threshold != output.decoder.facts.threshold { words.append("--threshold \(output.threshold)") }
    if choice.wantsLabels { words.append("--labels FILE") }
    if output.decoder == .ctc, output.background == nil { words.append("--background N") }
    if let color = choice.color { words.append("--color \(color.rawValue)") }
    if let normalization = choice.normalization { words.append("--normalize \(normalization)") }
    if choice.wantsNumbers { words.append("--normalize WORD") }
    return words.joined(separator: " ")
  }

  private static func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}
