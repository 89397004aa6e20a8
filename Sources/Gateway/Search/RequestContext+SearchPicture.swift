internal import Access
internal import Base
internal import Execution
internal import Library
internal import Predictions
internal import Search
internal import Serving
internal import Vision
internal import Web

extension RequestContext {
  /// Has a picture looked at by the network whose vectors the client's films have, and finds what is like it.
  func searchPicture() throws(Failure) -> BodyWork {
    guard caller.scopes.allow(.infer) else {
      throw Failure(Fault(.denied, "a search by a picture asks a model: the key must be for infer too"))
    }
    try refuseCodedBody()
    return try onLibrary(isSlow: true) { (call, exchange) throws(Failure) in
      let query = try query()
      let ask = try SimilarRoutes.momentAsk(call, query)
      let name = try query(SimilarRoutes.model)
      try call.perform { () throws(Fault) in
        let media = try PredictMedia.read(call.body, of: request)
        let served = try embedder(name, call.library, ask)
        try look(at: media, served, ask, call, exchange)
      }
    }
  }

  private func embedder(_ name: String?, _ library: Library, _ ask: VectorDesk.Ask) throws(Fault) -> ServedVersion {
    let desk = VectorDesk(library)
    let network = try desk.network(name, ask)
    let served = try models.find(String(network.prefix { $0 != "@" }))
    guard let picture = served.picture, picture.recipe.task == .embedding else {
      throw Fault(.unsupported, "'\(network)' is served here as a network that gives no embeddings")
    }
    return served
  }

  private func look(
    at media: SharedBytes, _ served: ServedVersion, _ ask: VectorDesk.Ask, _ call: LibraryCall, _ exchange: Exchange
  ) throws(Fault) {
    let pipeline = try served.pipeline(every: 1, with: PredictOptions())
    let identity = pipeline.models[0].identity
    try VectorDesk(call.library).check(identity, ask)
    let options = PicturePrediction.Options(
      pipeline, source: source, deadline: deadline(seconds: nil, from: request.receivedAt))
    let done: PicturePrediction.Done = { result in
      switch result {
      case .failure(let failure):
        served.metrics.add(failure)
        exchange.answer(Self.failure(failure).response(request))
      case .success(let seen):
        let found = seen.frames.first?.predictions.first { $0.kind == .embedding }
        do throws(Failure) {
          try call.desk.slowThreads.run(exchange, from: source, waitingFor: "the library") { () throws(Failure) in
            guard !exchange.isGone else { return }
            exchange.answer(try answer(found?.vector ?? [], of: identity, ask, call))
            let now = Clock.now
            served.metrics.answered(prepare: seen.prepared, write: 0, total: now - request.receivedAt)
          }
        } catch { exchange.answer(error.response(request)) }
      }
    }
    let prediction: PicturePrediction
    do { prediction = try PicturePrediction(of: media, options, at: gateway.pictures, done: done) } catch {
      served.metrics.add(.failed(error))
      throw error
    }
    exchange.onGone { prediction.cancel() }
  }

  private func answer(
    _ numbers: [Float], of network: String, _ ask: VectorDesk.Ask, _ call: LibraryCall
  ) throws(Failure) -> Response {
    let answer = try call.perform { () throws(Fault) in
      try VectorDesk(call.library).similar(to: VectorDesk.Example(network: network, numbers: numbers), ask)
    }
    return .json(JSONWriter.object(capacity: 1 << 14, answer.write))
  }
}
