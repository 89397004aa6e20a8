public import Base

/// Who asks a service of Amazon's: credentials that stand, or a role whose credentials end.
public protocol AmazonIdentity: Sendable {
  /// Those to sign with now; `date` is in seconds since 1970.
  ///
  /// Blocks for some seconds where they have to be asked for. Faults are `unavailable` and `denied` of whoever gives them.
  func credentials(at date: Int) throws(Fault) -> S3Credentials
}

extension S3Credentials: AmazonIdentity {
  public func credentials(at date: Int) -> S3Credentials { self }
}

extension AmazonRole {
  /// What the environment says of who asks.
  public static let variables = [
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_EC2_METADATA_DISABLED", "AWS_EC2_METADATA_SERVICE_ENDPOINT",
  ]

  /// The credentials of the environment, else the role of the container, else that of the machine, in the order that Amazon's own tools have.
  ///
  /// A machine is asked at once, so that it is told at the beginning that it has no role: within seconds, and within one where nobody is there.
  ///
  /// - Throws: `usage` where nobody says who asks, or where what is said is not whole.
  public static func orCredentials(environment: [String: String]) throws(Fault) -> any AmazonIdentity {
    func said(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    guard said("AWS_ACCESS_KEY_ID") == nil, said("AWS_SECRET_ACCESS_KEY") == nil else {
      return try S3Credentials(environment: environment)
    }
    let token: ContainerToken? =
      said("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map { .file($0) }
      ?? said("AWS_CONTAINER_AUTHORIZATION_TOKEN").map { .text($0) }
    if let path = said("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
      return AmazonRole(.container("http://169.254.170.2\(path.hasPrefix("/") ? "" : "/")\(path)", token))
    }
    if let address = said("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
      return AmazonRole(.container(try trusted(address), token))
    }
    guard said("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" else {
      return try S3Credentials(environment: environment)
    }
    let role = AmazonRole(.machine(said("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254"))
    do throws(Fault) { _ = try role.credentials(at: Clock.date) } catch { throw nobody(error) }
    return role
  }

  private static func nobody(_ error: Fault) -> Fault {
    Fault(
      .usage,
      "nobody says who asks the service: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role",
      cause: error.message)
  }

  /// A token is shown in the open to this machine, and to where containers have their credentials from, alone.
  private static func trusted(_ text: String) throws(Fault) -> String {
    let address = Address(text)
    let host = Authority.host(of: address.host)
    let isNear = Authority.isThisMachine(host: host) || containerHosts.contains(host)
    guard address.scheme == "https" || address.scheme == "http" && isNear else {
      throw Fault(
        .usage,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI is no address that credentials may be asked of: https, or http to this machine, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]"
      )
    }
    return text
  }

  /// Of ECS, and of EKS.
  private static let containerHosts = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"]
}
