import Base
import Catalog
import Execution
import Inference
import MediaProcess
import Predictions
import Registry
import Serving

/// A version that is loaded, shown inputs one after the other.
struct ExampleRun {
  let target: any InferenceTarget
  /// What it takes as tensors.
  let inputs: [TensorSpec]
  /// Of one that looks at pictures.
  let pipeline: LoadedPipeline?
  /// Where pictures are decoded.
  let desk: PictureDesk
  let computation: RecordedAnswers.Computation
  /// From which score it tells of anything.
  let threshold: Float

  private static let patience: UInt64 = 60_000_000_000

  /// What it answers to one input; faults begin with the input's name.
  func answer(_ input: ExampleInput) throws(Fault) -> RecordedAnswers.Answer {
    guard input.isTensors else { return .predictions(try look(at: input)) }
    return .tensors(try infer(input))
  }

  private func look(at input: ExampleInput) throws(Fault) -> [Prediction] {
    guard let pipeline else {
      throw Fault(
        .unsupported,
        "\(input.name): this network takes tensors, and no pictures: give it arrays of NumPy (.npy) or requests (.json)"
      )
    }
    let (bytes, deadline) = (SharedBytes(input.bytes), Clock.now + Self.patience)
    let done = Monitor<Result<PicturePrediction.Result, InferenceFailure>?>(nil)
    let options = PicturePrediction.Options(pipeline, source: "recorded inputs", deadline: deadline)
    let prediction = try PicturePrediction(of: bytes, options, at: desk) { result in done.update { $0 = result } }
    defer { withExtendedLifetime(prediction) {} }
    guard let result = done.wait(before: deadline + Self.patience, until: { $0 }) else {
      throw Fault(.unavailable, "\(input.name): there was no answer")
    }
    let seen: PicturePrediction.Result
    do throws(InferenceFailure) { seen = try result.get() } catch { throw error.fault.at(input.name) }
    guard seen.isPicture, let frame = seen.frames.first else {
      throw Fault(.unsupported, "\(input.name): recorded inputs are pictures or tensors, and this is a film")
    }
    return frame.predictions
  }

  private func infer(_ input: ExampleInput) throws(Fault) -> [RecordedAnswers.Tensor] {
    let tensors = try input.tensors(for: inputs).map { SharedBytes($0) }
    let done = Monitor<Result<[RecordedAnswers.Tensor], Fault>?>(nil)
    let deadline = Clock.now + Self.patience
    let request = InferenceRequest(tensors, rows: 1, source: "recorded inputs", deadline: deadline) { outcome, _ in
      let result = Self.result(of: outcome)
      done.update { $0 = result }
    }
    do throws(AdmissionRefusal) { try target.submit(request) } catch { throw error.fault.at(input.name) }
    guard let result = done.wait(before: deadline + Self.patience, until: { $0 }) else {
      throw Fault(.unavailable, "\(input.name): there was no answer")
    }
    do throws(Fault) { return try result.get() } catch { throw error.at(input.name) }
  }

  private static func result(of outcome: InferenceRequest.Outcome) -> Result<[RecordedAnswers.Tensor], Fault> {
    switch outcome {
    case .answered(let outputs):
      .success(
        outputs.specs.enumerated().map { index, spec in
          let bytes = outputs.withBytes(index) { span in span.withUnsafeBytes { [UInt8]($0) } }
          return .init(name: spec.name, element: spec.element, shape: spec.shape.map { $0 ?? 0 }, bytes: bytes)
        })
    case .late: .failure(Fault(.unavailable, "there was no answer in a minute"))
    case .cancelled: .failure(Fault(.closed, "it was ended"))
    case .failed(let fault), .lost(let fault): .failure(fault)
    }
  }

  /// In what it answers recorded inputs otherwise than it did, one sentence for each thing; none where it does as it did.
  func differences(from recorded: RecordedAnswers, _ inputs: [ExampleInput]) throws(Fault) -> [String] {
    let tolerance: AnswerTolerance = recorded.computation == computation ? .sameComputation : .otherComputation
    var texts: [String] = []
    for (example, input) in zip(recorded.examples, inputs) {
      let found = try answer(input)
      texts += tolerance.differences(of: found, from: example.answer, threshold: threshold).map {
        "\(input.name): \($0)"
      }
    }
    guard !texts.isEmpty, recorded.computation != computation else { return texts }
    return texts + ["recorded by \(recorded.computation.text), and computed by \(computation.text) here"]
  }

  /// Shows it all that was recorded of a version.
  ///
  /// - Throws: `badInput` with what it answers otherwise; whatever kept it from answering.
  func check(_ version: RegisteredVersion, of registry: ModelRegistry) throws(Fault) {
    for set in try registry.examples(of: version.model, version: version.number) {
      let (recorded, inputs) = try registry.answers(of: set)
      let texts = try differences(from: recorded, inputs)
      guard texts.isEmpty else {
        let more = texts.count > 4 ? "; and \(texts.count - 4) more" : ""
        throw Fault(
          .badInput,
          "it answers its recorded inputs otherwise than it did: \(texts.prefix(4).joined(separator: "; "))\(more)")
      }
    }
  }
}
