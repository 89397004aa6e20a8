import Base
import Execution
import Inference
import Loading
import Media
import ModelHub
import Pipelines
import Predictions
import TestKit
import Testing
import Vision

/// Small networks as loaded pipelines, and small films whose frames all differ.
struct Lab {
  static let size = Size(width: 16, height: 16)
  let folder = TemporaryFolder()

  private func model(_ write: (String) throws -> Void) throws -> Model {
    let path = folder.file("model")
    try write(path)
    let recipe = Recipe(task: .score, input: InputRecipe(), output: OutputRecipe(decoder: .number), labels: [])
    return try Model(
      network: path + ".xml", files: try Model.files(ofNetwork: path + ".xml"), recipe: recipe, precision: .f32)
  }

  private var options: LoadOptions {
    var options = LoadOptions()
    (options.batch, options.streams, options.isWarmed) = (1, 1, false)
    return options
  }

  /// The sum of a picture's bytes at 2 by 2 pixels, behind a gate.
  func gated(isFar: Bool = false) throws -> (pipeline: LoadedPipeline, target: GatedTarget) {
    let model = try model(ByteNetwork.write)
    let picture = try PictureModel(model, options, on: try Engine(cacheFolder: nil))
    let target = GatedTarget(try InferenceUnit(picture.network), isFar: isFar)
    let loaded = LoadedModel(
      name: "sum", digest: model.digest, recipe: model.recipe, input: picture.input, head: picture.head,
      precision: "f32", engine: "OpenVINO", device: "CPU", target: target)
    return (LoadedPipeline(loaded, sampling: .all), target)
  }

  /// The sum of a picture's bytes at 2 by 2 pixels.
  func byteModel() throws -> LoadedModel {
    try LoadedModel(try model(ByteNetwork.write), options: options, on: try Engine(cacheFolder: nil))
  }

  /// A network that adds up pictures of sixes, twice, and fails for all others.
  func sixes() throws -> LoadedPipeline {
    let loaded = try LoadedModel(try model(SixesNetwork.write), options: options, on: try Engine(cacheFolder: nil))
    return LoadedPipeline(loaded, sampling: .all)
  }

  /// Gray frames; `value` of red, green and blue, 0 to 255, by the number `N` of the frame.
  func frames(_ count: Int, value: String = "5*N") throws -> [Frame] {
    let path = folder.file("film.mkv")
    let made = shell([
      "ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
      "color=black:s=\(Self.size.width)x\(Self.size.height):r=25,format=gbrp,geq=r='\(value)':g='\(value)':b='\(value)'",
      "-frames:v", "\(count)", "-c:v", "ffv1", "-pix_fmt", "bgr0", path,
    ])
    try #require(made.status == 0, "\(made.errors)")
    let reader = try MediaReader(path)
    var frames: [Frame] = []
    while let frame = try reader.next() { frames.append(frame) }
    try #require(frames.count == count)
    return frames
  }

  /// What the network of ``gated()`` answers about a frame.
  static func answer(about frame: Frame) throws -> Float {
    Float(try frame.rgb(size: Size(width: 2, height: 2)).reduce(0) { $0 + Int($1) })
  }
}
