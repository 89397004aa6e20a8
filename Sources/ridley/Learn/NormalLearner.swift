import Analysis
import Base
import Execution
import Inference
import Insights
import Loading
import ModelHub
import NetworkFormats
import Predictions
import Vision

/// Cuts a network at one of its maps of features, and puts a memory of good pictures behind it.
struct NormalLearner {
  private let base: Model
  private let trunk: ONNXTrunk
  private let size: Size?
  private let engine: Engine
  private let scratch: ScratchFolder
  private let input: InputRecipe

  init(_ base: Model, layer: String?, size: Size?, on engine: Engine) throws(Fault) {
    guard base.networkPath.hasSuffix(".onnx"), base.recipe.input.window == nil else {
      throw Fault(
        .unsupported,
        "\(base.name) is no ONNX network for pictures, and its features cannot be taken from the middle of it: name another with --network"
      )
    }
    (self.base, self.size, self.engine) = (base, size, engine)
    trunk = try ONNXTrunk(base.networkPath, layer: layer)
    scratch = try ScratchFolder()
    var input = base.recipe.input
    if size != nil { (input.width, input.height) = (nil, nil) }
    self.input = input
  }

  func learn(_ good: GoodPictures, _ promise: FalseAlarms, _ bar: ProgressBar) throws(Fault) -> LearnedNormal {
    let cut = try model(trunk.network(size: size), "features", .embedding, .usual(.vector))
    let compiled = try PictureModel(cut, LoadOptions(), on: engine)
    let map = compiled.outputs[0].shape
    guard map.count == 4, let channels = map[1], let height = map[2], let width = map[3], height * width > 0 else {
      throw Fault(
        .unsupported,
        "'\(trunk.layer)' of \(base.name) is no map of features of a known size: name one with --layer, and say --size")
    }
    guard channels <= NormalFeatures.channelLimit else {
      throw Fault(
        .unsupported,
        "'\(trunk.layer)' of \(base.name) has \(channels) channels, and \(NormalFeatures.channelLimit) are the most: name a narrower map with --layer"
      )
    }
    let maps = try good.features(try LoadedModel(cut, compiled), bar)
    guard maps.allSatisfy({ $0.count == channels * height * width }) else {
      throw Fault(.bug, "a network gave maps of different sizes")
    }
    bar.show(share: 1, detail: "comparing good ones with each other")
    let heldOut = try NormalFeatures.heldOut(maps, channels: channels)
    let memory = try NormalFeatures(maps, channels: channels)
    let threshold = promise.threshold(heldOut)
    guard threshold > 0, threshold.isFinite else {
      throw Fault(.badInput, "the pictures are so alike that no threshold can be told from them")
    }
    let bank = FeatureBank(
      channels: channels, weights: memory.weights, bias: memory.bias, rows: memory.rows, threshold: threshold,
      map: Size(width: width, height: height))
    let made = try model(trunk.network(size: size, comparing: bank), "normal", .anomaly, .usual(.anomaly))
    try confirm(made, good.paths[0], memory.distances(of: maps[0]).max() ?? 0, threshold)
    return LearnedNormal(
      model: made, scratch: scratch, promise: promise, threshold: threshold, heldOut: heldOut,
      rows: memory.rows.count / channels,
      network: "\(base.name)@\(base.digest)", layer: trunk.layer, map: Size(width: width, height: height),
      channels: channels, repeated: good.repeated.count,
      unlike: try UnlikeOthers.find(among: maps, memory).map { (path: good.paths[$0.picture], how: $0) })
  }

  private func model(
    _ bytes: [UInt8], _ name: String, _ task: ModelTask, _ output: OutputRecipe
  ) throws(Fault) -> Model {
    let path = "\(scratch.path)/\(name).onnx"
    try FileSystem.write(bytes, to: path)
    return try Model(
      network: path, files: try Model.files(ofNetwork: path), recipe: Recipe(task: task, input: input, output: output),
      precision: .f32)
  }

  /// What was put together must say what was learned: else it gets no name.
  private func confirm(_ model: Model, _ picture: String, _ distance: Float, _ threshold: Float) throws(Fault) {
    var seen: Prediction?
    let analyzer = try Analyzer(picture, pipeline: LoadedPipeline(try LoadedModel(model, on: engine), sampling: .all))
    _ = try analyzer.run { (_, _, predictions) throws(Fault) in seen = seen ?? predictions.first }
    let expected = distance / (distance + threshold)
    guard let score = seen?.score, abs(score - expected) < 0.02 else {
      throw Fault(
        .bug,
        "the network that was put together says \(seen?.score.map { "\($0)" } ?? "nothing") of \(FileName.shown(picture)), and \(expected) was learned"
      )
    }
  }
}

/// A model that was made from good pictures, and what it promises.
struct LearnedNormal {
  let model: Model
  /// Holds the model's file until it is added.
  let scratch: ScratchFolder
  let promise: FalseAlarms
  let threshold: Float
  let heldOut: [Float]
  let rows: Int
  let network: String
  let layer: String
  let map: Size
  let channels: Int
  let repeated: Int
  /// Good pictures that are unlike the others, the farthest first.
  let unlike: [(path: String, how: UnlikeOthers)]

  func json(_ folder: String) -> String {
    JSONText.line { json in
      json.field("model", folder)
      json.field("pictures", promise.pictures)
      json.field("repeated", repeated)
      json.field("falseAlarms", promise.rate, digits: 6)
      json.field("certainty", FalseAlarms.certainty, digits: 2)
      json.field("expectedFalseAlarms", promise.expected, digits: 6)
      json.array("interval95") { json in
        json.number(promise.interval.lowerBound, digits: 6)
        json.number(promise.interval.upperBound, digits: 6)
      }
      json.field("threshold", Double(threshold), digits: 6)
      json.array("heldOut") { json in for score in heldOut { json.number(Double(score), digits: 4) } }
      json.array("unlike") { json in
        for each in unlike {
          json.object { json in
            json.field("file", each.path)
            json.field("distance", Double(each.how.distance), digits: 4)
            json.field("times", each.how.times, digits: 2)
          }
        }
      }
      json.field("network", network)
      json.field("layer", layer)
      json.field("map", [map.height, map.width])
      json.field("channels", channels)
      json.field("rows", rows)
    }
  }

  func text(_ added: Model, useAs name: String) -> String {
    func percent(_ share: Double) -> String { NumberFormat.short(share * 100, 1) }
    let twice = repeated > 0 ? " (\(repeated) more were there twice)" : ""
    return """
      added     \(added.folder)/\(Manifest.fileName) (\(added.digest))
      learned   from \(promise.pictures) pictures\(twice), by '\(layer)' of \(network): \(rows) rows of \(channels)
      alarms    at most \(percent(promise.rate)) % of good parts, with a certainty of 90 %; \(percent(promise.expected)) % expected, \(percent(promise.interval.lowerBound)) to \(percent(promise.interval.upperBound)) % in 95 of 100 cases
                (for good parts like these, from the same camera, place and light)
      use it    ridley analyze FILE --model \(name)

      """
  }

  /// What is to be looked at again; `nil` where no picture is unlike the others.
  var warning: String? {
    guard !unlike.isEmpty else { return nil }
    let shown = unlike.prefix(10).map { each in
      "\n  \(FileName.shown(each.path)): \(NumberFormat.short(each.how.times, 1)) times as far from the others as is usual"
    }
    let more = unlike.count > shown.count ? "\n  and \(unlike.count - shown.count) more" : ""
    let isOne = unlike.count == 1
    return
      "\(unlike.count) of \(promise.pictures) pictures \(isOne ? "is" : "are") unlike the others, and \(isOne ? "was" : "were") learned as good: look at \(isOne ? "it" : "them"), and where one shows a defect, take it away and learn again\(shown.joined())\(more)\n"
  }
}
