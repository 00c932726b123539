namespace Microsoft.ML.Runtime;

public interface IChannelProvider
{
    IChannel Start(string name);
}
