// Planted: not laid out as .clang-format says.
int  twice( int x )
{ return x*2 ; }
