using System.Security.Cryptography;
using System.Text;

namespace DetectionService.Requests;

/// <summary>Checks the key of requests: header X-Api-Key, or Authorization: Bearer.</summary>
internal sealed class ApiKey(string key)
{
    private const string Header = "X-Api-Key";
    private const string Bearer = "Bearer ";
    private readonly byte[] _hash = Hash(key);

    /// <exception cref="RequestProblem">The request has no key, or another one.</exception>
    public void Require(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        var sent = request.Headers[Header].ToString() is { Length: > 0 } header ? header
            : authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : "";
        // Hashes have one length, and their comparison takes one time.
        if (!CryptographicOperations.FixedTimeEquals(Hash(sent), _hash))
        {
            throw sent.Length == 0 ? new RequestProblem(StatusCodes.Status401Unauthorized, $"The service needs a key. Send it as the header {Header}.")
                : new RequestProblem(StatusCodes.Status401Unauthorized, $"The key is not the service's.");
        }
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
