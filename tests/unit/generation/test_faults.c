#include "exact.h"
int main(void){return 0;}
