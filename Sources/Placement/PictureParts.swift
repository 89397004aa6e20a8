internal import Base
internal import Execution
internal import Inference
internal import Loading
internal import ModelHub
internal import Vision

/// What a network of pictures takes and gives, wherever it is computed.
struct PictureParts: Sendable {
  var input: Size
  var head: Head
  /// Of one row.
  var inputs: [TensorSpec]
  var outputs: [TensorSpec]
  var precision: String
  var engine: String
  var device: String

  /// Pixels of a side that is believed of a centre.
  private static let sides = 1...16_384

  /// Of a network that was loaded here.
  init(_ picture: PictureModel, device: String) {
    let network = picture.network
    let isOne = network.batch == 1
    (input, head, precision, engine) = (picture.input, picture.head, network.precision, network.engine)
    self.device = device
    inputs = network.inputs.map { isOne ? $0 : $0.ofRow }
    outputs = network.outputs.map { isOne ? $0 : $0.ofRow }
  }

  /// Of one that a centre has.
  ///
  /// - Throws: where the centre takes no pictures as bytes, or gives what the model's recipe does not read.
  init(_ found: CentreModel, of model: Model, host: String) throws(Fault) {
    let recipe = model.recipe.input
    let front = recipe.window == nil ? 1 : 2
    let channels = recipe.color == .gray ? 1 : 3
    guard found.inputs.count == 1, found.inputs[0].element == .u8, found.inputs[0].shape.count == front + 3,
      let height = found.inputs[0].shape[front], let width = found.inputs[0].shape[front + 1],
      found.inputs[0].shape[front + 2] == channels, Self.sides.contains(height), Self.sides.contains(width)
    else {
      let takes = found.inputs.map(\.description).joined(separator: ", ")
      throw Fault(
        .unsupported,
        "the centre \(host) takes \(takes) for it, and no picture as bytes: serve it there with its manifest")
    }
    input = Size(width: width, height: height)
    head = try Head(model.recipe, outputs: PictureModel.described(found.outputs, of: model), network: input)
    (inputs, outputs) = (found.inputs, found.outputs)
    precision = found.precision ?? model.manifest.precision.rawValue
    (engine, device) = ("\(found.engine ?? "ridley") at \(host)", "centre")
  }

  /// The model, answered by a target.
  func loaded(_ model: Model, _ target: any InferenceTarget) -> LoadedModel {
    LoadedModel(
      name: model.name, digest: model.digest, published: model.published, recipe: model.recipe, input: input,
      head: head, precision: precision, engine: engine, device: device, target: target)
  }
}

extension TensorSpec {
  /// One of the rows that are counted by its first side.
  fileprivate var ofRow: TensorSpec {
    TensorSpec(name: name, shape: shape.isEmpty ? [] : [1] + shape.dropFirst(), element: element)
  }
}
