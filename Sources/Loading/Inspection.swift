public import Base
public import Inference
internal import Metadata
public import ModelHub
public import Vision

/// What is known of a model that is named as for ``ModelResolver/find(_:_:mustBeHere:)``, and what would be done with it.
public struct Inspection {
  /// The network that the engine opens.
  public let path: String
  public let inputs: [TensorSpec]
  public let outputs: [TensorSpec]
  /// Who would run it, with its version.
  public let engine: String
  /// What its file says of itself.
  public let facts: NetworkFacts
  /// Where the reading comes from, or why there is none.
  public let why: String
  /// As ``ModelResolver/find(_:_:mustBeHere:)`` gives it, or why it gives none.
  public let model: Result<Model, Fault>
  /// What is done to a picture, as the network's input wants it.
  public let input: InputRecipe?
  /// Outputs that would not be read.
  public let unused: [String]
}

extension ModelResolver {
  /// Looks into a model.
  ///
  /// - Throws: where its file cannot be read at all; a network that is not understood is part of what is known.
  public func inspect(_ name: String, _ overrides: RecipeOverrides, on engine: Engine) throws(Fault) -> Inspection {
    let file = Self.networkFile(name)
    let named = file == nil ? try find(name, overrides) : nil
    let path = named?.networkPath ?? file ?? name
    let network = try Self.read(path, by: overrides.engine ?? named?.manifest.engine ?? .auto, on: engine)
    let facts = NetworkFacts(ofNetwork: path)
    var (why, model) = ("its manifest says so", Result<Model, Fault> { () throws(Fault) in try find(name, overrides) })
    if let defect = network.defect {
      // Questions about what cannot run lead nowhere.
      (why, model) = (defect.message, .failure(defect))
    } else if named == nil {
      do throws(RecipeDoubt) {
        why = try InferredRecipe(
          path: name, inputs: network.inputs, outputs: facts.described(network.outputs), facts: facts,
          overrides: overrides, labels: (try? overrides.labels()) ?? []
        ).explain().why
      } catch {
        (why, model) = (explain(error).message, .failure(explain(error)))
      }
    }
    return Inspection(
      path: path, inputs: network.inputs, outputs: network.outputs, engine: network.engine, facts: facts,
      why: why, model: model,
      input: (try? model.get()).map { PictureModel.settled($0.recipe, facts.described(network.inputs)) },
      unused: Self.unused(try? model.get(), network.inputs, facts.described(network.outputs)))
  }

  private static func unused(_ model: Model?, _ inputs: [TensorSpec], _ outputs: [TensorSpec]) -> [String] {
    guard let model else { return [] }
    let shape = PictureShape(inputs, layout: model.recipe.input.layout, window: model.recipe.input.window)
    let input = model.recipe.input
    guard let width = input.width ?? shape?.width, let height = input.height ?? shape?.height,
      let head = try? Head(model.recipe, outputs: outputs, network: Size(width: width, height: height))
    else { return [] }
    return head.unused
  }
}
