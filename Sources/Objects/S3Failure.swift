internal import Base
internal import XML

/// What an S3 service answers where it does not do what it was asked.
struct S3Failure {
  let status: Int
  /// `NoSuchKey`, `SlowDown`; empty where the answer has no body.
  let code: String
  private let message: String
  private let region: String?
  /// Seconds by which this machine's clock is in front of the server's; `nil` where the server does not tell its own.
  private let skew: Int?

  /// `clock` is this machine's, in seconds since 1970.
  init(_ answer: ServerAnswer, clock: Int) {
    status = answer.status
    let root = try? XMLElement(document: answer.body)
    let error = root?.name == "Error" ? root : nil
    code = error?.text(of: "Code") ?? ""
    message = error?.text(of: "Message") ?? ""
    region = error?.text(of: "Region") ?? answer["x-amz-bucket-region"]
    skew = answer.date.map { clock - $0 }
  }

  /// The same request may be answered otherwise a little later.
  var isPassing: Bool {
    [408, 429, 500, 502, 503, 504].contains(status)
      || ["SlowDown", "RequestTimeout", "InternalError", "OperationAborted", "ConditionalRequestConflict"].contains(
        code)
  }

  /// `doing` says what was wanted: `write an object`.
  func fault(_ address: S3Address, _ doing: String) -> Fault {
    let cause = "\(status) \(code) \(message)"
    let place = "\(address.server.host) (\(address.shown))"
    if let region, region != address.region, [301, 307, 400].contains(status) {
      return Fault(
        .usage, "the bucket \(address.bucket) is in the region \(region), not \(address.region): set AWS_REGION",
        cause: cause)
    }
    switch (status, code) {
    case _ where code == "RequestTimeTooSkewed" || isClockOff:
      let much = skew.map { " by \(abs($0)) seconds" } ?? ""
      return Fault(
        .denied, "this machine's clock is off\(much) from that of \(place): set it, or have it set (NTP)", cause: cause)
    case (_, "SignatureDoesNotMatch"):
      return Fault(
        .denied, "\(place) refuses the signature: is AWS_SECRET_ACCESS_KEY the one that goes with AWS_ACCESS_KEY_ID?",
        cause: cause)
    case (_, "InvalidAccessKeyId"), (_, "ExpiredToken"), (_, "InvalidToken"):
      return Fault(
        .denied,
        "\(place) does not know the credentials, or they have ended: see AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN",
        cause: cause)
    case (_, "InvalidObjectState"):
      return Fault(
        .denied, "\(place) keeps it in an archive (its storage class): have it restored there first", cause: cause)
    case (401, _), (403, _):
      return Fault(
        .denied, "these credentials may not \(doing) in \(place): ask its owner for the permission, and see the secret",
        cause: cause)
    case (_, "NoSuchBucket"):
      return Fault(
        .notFound, "there is no bucket \(address.bucket) at \(address.server.host): make it first", cause: cause)
    case (404, _): return Fault(.notFound, "\(place) has nothing of that name to \(doing)", cause: cause)
    case (507, _): return Fault(.exhausted, "\(place) has no space left", cause: cause)
    case _ where isPassing || (status >= 500 && status != 501):
      return Fault(.unavailable, "\(place) is not able to \(doing) now", cause: cause)
    default:
      return Fault(
        .unsupported, "\(place) does not \(doing) in the way it was asked: it may lack what is needed", cause: cause)
    }
  }

  /// Services allow a quarter of an hour.
  private var isClockOff: Bool {
    status == 403 && ["", "AccessDenied"].contains(code) && skew.map { abs($0) > 14 * 60 } == true
  }
}
