internal import Base
internal import Execution
internal import Predictions
internal import Serving
internal import Vision
internal import Web

/// Who predicts, for the routes that have it done: a pipeline, and in whose name it answers.
struct Predictor: Sendable {
  let pipeline: LoadedPipeline
  /// The members in front of an answer, such as model, version and task.
  let head: [(name: String, text: String)]
  /// As predictions name the model of each step: `NAME@sha256:…`.
  let models: [String]
  /// Of each model that works on it, where the request is counted.
  let metrics: [ModelMetrics]

  /// Counts a request that has no answer.
  func count(_ failure: InferenceFailure) { for metrics in metrics { metrics.add(failure) } }
}

extension RequestContext {
  /// Looks at a picture or a clip with a model and answers what it saw; `version` is `nil` for the usual one.
  func predict(_ model: String, _ version: String?) throws(Failure) -> BodyWork {
    let served = try find(model, version)
    return try predict { (query) throws(Fault) in
      let pipeline = try served.pipeline(every: query.every ?? 1, with: query.options)
      let model = pipeline.models[0].identity
      let task = served.picture?.recipe.task ?? .tensor
      return Predictor(
        pipeline: pipeline, head: [("model", model), ("version", served.version), ("task", task.rawValue)],
        models: [model], metrics: [served.metrics])
    }
  }

  /// Looks at the picture or clip of the request with what `choose` names for its query, and answers what was seen.
  func predict(
    with choose: @escaping @Sendable (PredictQuery) throws(Fault) -> Predictor
  ) throws(Failure) -> BodyWork {
    let query = try PredictQuery(try query())
    try refuseCodedBody()
    return BodyWork { (body, exchange) throws(Failure) in
      do throws(Fault) {
        try self.look(at: PredictMedia.read(body, of: request), with: choose(query), query, exchange)
      } catch { throw Failure(error) }
    }
  }

  private func look(
    at media: SharedBytes, with predictor: Predictor, _ query: PredictQuery, _ exchange: Exchange
  ) throws(Fault) {
    var options = PicturePrediction.Options(
      predictor.pipeline, source: source, deadline: deadline(seconds: query.timeout, from: request.receivedAt))
    options.draws = query.draws
    let done: PicturePrediction.Done = { result in
      if case .failure(let failure) = result { predictor.count(failure) }
      guard !exchange.isGone else { return }
      let writing = Clock.now
      exchange.answer(Self.response(to: result, predictor, query, request).traced(request))
      guard case .success(let seen) = result else { return }
      let now = Clock.now
      for metrics in predictor.metrics {
        metrics.answered(prepare: seen.prepared, write: now - writing, total: now - request.receivedAt)
      }
    }
    let prediction: PicturePrediction
    do { prediction = try PicturePrediction(of: media, options, at: gateway.pictures, done: done) } catch {
      predictor.count(.failed(error))
      throw error
    }
    exchange.onGone { prediction.cancel() }
  }

  private static func response(
    to result: Result<PicturePrediction.Result, InferenceFailure>, _ predictor: Predictor, _ query: PredictQuery,
    _ request: Request
  ) -> Response {
    do throws(Failure) {
      switch result {
      case .success(let seen):
        let answer = PredictAnswer(
          head: predictor.head, models: predictor.models, size: seen.size, isPicture: seen.isPicture,
          frames: seen.frames, corruptFrames: seen.corruptFrames, drawing: seen.drawing)
        return try answer.response(drawn: query.draws)
      case .failure(let failure): throw Self.failure(failure)
      }
    } catch { return error.response(request) }
  }

  /// What is answered where a model gave no answer.
  static func failure(_ failure: InferenceFailure) -> Failure {
    switch failure {
    case .late: .late
    case .cancelled: .clientLeft
    default: Failure(failure.fault, retryAfter: failure.retryAfter)
    }
  }
}
