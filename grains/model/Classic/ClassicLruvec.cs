namespace Reclaim.Model.Classic;
